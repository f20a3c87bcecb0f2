"""Both generations of the TypeScript SDK, run by a Node of their own."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from harness.paths import CACHE, LOGS, directory
from harness.prerequisites import ensure_npm
from harness.process import run

HERE = Path(__file__).parent
HOME = CACHE / "typescript-clients"
_SCRIPTS = {"typescript-1": "sdk_v1.mjs", "typescript-2": "sdk_v2.mjs"}
_PATIENCE = 60


def install():
    """Have the packages; instant when those of the lock file are installed. Returns the Node to use."""
    lock = HERE / "package-lock.json"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = HOME / ".lock"
    if not stamp.exists() or stamp.read_text() != wanted:
        ensure_npm()
        shutil.rmtree(HOME, ignore_errors=True)
        directory(HOME)
        for file in (HERE / "package.json", lock):
            shutil.copy(file, HOME)
        # The package `node` fetches its binary in an install script.
        run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts=false"], cwd=HOME, log=LOGS / "npm.log")
        stamp.write_text(wanted)
    # Node looks for packages beside the script, so the scripts go where the packages are.
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, HOME)
    return HOME / "node_modules" / ".bin" / "node"


def converse(sdk, era, url, token, calls, *, spoil=False):
    """Hold the conversation with one of the two; see the package."""
    environment = {**os.environ, "MCP_URL": url, "MCP_TOKEN": token, "MCP_ERA": era}
    if spoil:
        environment["MCP_SPOIL"] = "1"
    done = subprocess.run([install(), HOME / _SCRIPTS[sdk]], input=json.dumps(calls), env=environment,
                          capture_output=True, text=True, timeout=_PATIENCE, check=False)
    assert done.returncode == 0, f"{sdk} ({era}) failed:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)

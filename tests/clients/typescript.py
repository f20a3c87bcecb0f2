"""Both generations of the TypeScript SDK, run with a separate Node."""

import json
import os
import shutil
import subprocess

from harness import npm

from . import node

_SCRIPTS = {"typescript-1": "sdk_v1.mjs", "typescript-2": "sdk_v2.mjs"}
_PATIENCE = 60


def converse(sdk, era, url, token, steps, *, spoil=False):
    """Holds the conversation with one of the two (see the package)."""
    home = node.home()
    # Node searches for packages beside the script, so the scripts are copied to the packages.
    for script in node.HERE.glob("*.mjs"):
        shutil.copy(script, home)
    environment = {**os.environ, "MCP_URL": url, "MCP_TOKEN": token, "MCP_ERA": era}
    if spoil:
        environment["MCP_SPOIL"] = "1"
    done = subprocess.run(
        [npm.node(home), home / _SCRIPTS[sdk]],
        input=json.dumps(steps),
        env=environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{sdk} ({era}) failed:\n{done.stdout}\n{done.stderr}"
    # The SDKs print messages too, for example about a server without resources.
    return json.loads(done.stdout.splitlines()[-1])

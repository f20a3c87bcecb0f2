"""rmcp, the official Rust SDK: a small program in its own workspace, rebuilt when its sources change."""

import fcntl
import hashlib
import json
import os
import subprocess
from pathlib import Path

from harness.console import step
from harness.paths import CACHE, LOGS, directory
from harness.process import run

SOURCES = Path(__file__).parent / "rmcp"
_PATIENCE = 60


def build():
    """The program. Builds it when its sources have changed."""
    files = [SOURCES / "Cargo.toml", SOURCES / "Cargo.lock", *sorted((SOURCES / "src").rglob("*.rs"))]
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    home = directory(CACHE / "rmcp-client")
    program = home / wanted[:16]
    with open(home / "lock", "a", encoding="ascii") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not program.exists():
            command = ["cargo", "build", "--locked", "--manifest-path", str(SOURCES / "Cargo.toml")]
            environment = {**os.environ, "CARGO_TARGET_DIR": str(home / "target")}
            log = LOGS / "rust-client.log"
            with step("building the client on the Rust SDK", "the Rust client", log):
                run(command, env=environment, log=log)
            (home / "target" / "debug" / "odoo-mcp-test-client").rename(program)
    return program


def converse(_sdk, era, url, token, steps):
    """Holds the conversation (see the package)."""
    environment = {**os.environ, "MCP_URL": url, "MCP_TOKEN": token, "MCP_ERA": era}
    done = subprocess.run(
        [build()],
        input=json.dumps(steps),
        env=environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"rmcp ({era}) failed:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)

"""Node and the JavaScript MCP clients, installed through npm from the pins in tests/clients."""

import hashlib
import os
import platform
import shutil

from .console import Failure, progress
from .paths import BUILD, CACHE, CHECKOUT, directory
from .prerequisites import ensure_npm
from .process import run

NODE = "22.23.3"
CLIENTS = CHECKOUT / "tests" / "clients"
WORK = BUILD / "node"


def ensure_node():
    """A Node new enough for today's clients; Debian's own is older. Returns the directory of its programs."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if not machine:
        raise Failure(f"unsupported platform: no Node build for {platform.machine()}")
    package = f"node-linux-{machine}"
    folder = CACHE / f"node-{NODE}"
    programs = folder / "node_modules" / package / "bin"
    if not (programs / "node").exists():
        ensure_npm()
        progress(f"installing Node {NODE}")
        directory(folder)
        run(
            ["npm", "install", "--no-save", "--prefix", folder, f"{package}@{NODE}"], log=folder / "npm.log", cwd=folder
        )
    return programs


def environment():
    """The caller's environment with that Node first on the PATH."""
    return {**os.environ, "PATH": f"{ensure_node()}:{os.environ['PATH']}"}


def ensure_clients():
    """A folder with the client scripts and their installed packages beside them, or None without clients."""
    manifest = CLIENTS / "package.json"
    if not manifest.exists():
        return None
    variables = environment()
    directory(WORK)
    for file in sorted(CLIENTS.iterdir()):
        if file.is_file():
            shutil.copyfile(file, WORK / file.name)
    lock = CLIENTS / "package-lock.json"
    pins = [manifest] + ([lock] if lock.exists() else [])
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in pins) + NODE.encode()).hexdigest()
    stamp = WORK / ".installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        progress("installing the JavaScript MCP clients")
        run(["npm", "ci" if lock.exists() else "install"], cwd=WORK, log=WORK / "npm.log", env=variables)
        stamp.write_text(wanted)
    return WORK

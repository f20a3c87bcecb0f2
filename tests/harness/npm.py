"""Installs npm programs from a lock file into the cache, together with their Node."""

import hashlib
import shutil
from pathlib import Path

from .console import step
from .paths import CACHE, LOGS, directory, one_at_a_time
from .prerequisites import check_network
from .process import run


def ensure_packages(folder, name):
    """Installs the packages of the lock file in `folder`. Returns immediately when they are up to date.

    Returns the directory that contains `node_modules`. `name` is the name of the directory in the cache. Several
    processes may call this at once: one installs and the others wait.
    """
    with one_at_a_time(directory(CACHE) / f"{name}.lock"):
        return _ensure_packages(Path(folder), name)


def _ensure_packages(folder, name):
    files = [folder / "package.json", folder / "package-lock.json"]
    home = CACHE / name
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    stamp = home / ".lock"
    if stamp.exists() and stamp.read_text() == wanted:
        return home
    check_network()
    log = LOGS / f"npm-{name}.log"
    with step(f"installing the npm packages of {folder.name}", f"npm packages of {folder.name}", log):
        shutil.rmtree(home, ignore_errors=True)
        directory(home)
        for file in files:
            shutil.copy(file, home)
        # The package `node` downloads its binary in an install script.
        run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts=false"], cwd=home, log=log)
    stamp.write_text(wanted)
    return home


def node(home):
    """The Node program from the packages."""
    return home / "node_modules" / ".bin" / "node"

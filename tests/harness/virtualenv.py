"""Python virtual environments made from the system interpreter and a requirements file."""

import hashlib
import shutil
from pathlib import Path

from .console import step
from .paths import LOGS, directory, one_at_a_time
from .prerequisites import check_network
from .process import run

# Not `python3` from the PATH, which may lie under a home directory that service users cannot enter.
SYSTEM_PYTHON = Path("/usr/bin/python3")


def ensure_virtualenv(folder, *requirements, compiled=True):
    """Creates or updates the environment. Returns immediately when the installed requirements match.

    `compiled`: with byte code beside the sources, for programs that cannot write it there themselves.

    Several processes may call this at once: one installs and the others wait.
    """
    folder = Path(folder)
    with one_at_a_time(directory(folder.parent) / f"{folder.name}.lock"):
        return _ensure_virtualenv(folder, requirements, compiled)


def _ensure_virtualenv(folder, requirements, compiled):
    wanted = hashlib.sha256(b"".join(Path(file).read_bytes() for file in requirements)).hexdigest()
    stamp = folder / ".requirements"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder / "bin" / "python"
    check_network()
    names = ", ".join(Path(file).name for file in requirements)
    log = LOGS / f"pip-{folder.name}.log"
    with step(f"installing the Python packages of {names}", f"Python packages of {names}", log):
        shutil.rmtree(folder, ignore_errors=True)
        run([SYSTEM_PYTHON, "-m", "venv", folder])
        files = [part for file in requirements for part in ("--requirement", file)]
        options = ["--disable-pip-version-check", "--no-input", "--compile" if compiled else "--no-compile"]
        run([folder / "bin" / "python", "-m", "pip", "install", *options, *files], log=log)
    stamp.write_text(wanted)
    return folder / "bin" / "python"

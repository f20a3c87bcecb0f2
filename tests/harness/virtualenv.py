"""Python virtual environments made from the system interpreter and a requirements file."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from .console import progress
from .prerequisites import check_network
from .process import run

# Not `python3` from the PATH: it may live under a home directory that service users cannot enter.
SYSTEM_PYTHON = Path("/usr/bin/python3")


def ensure_virtualenv(folder, *requirements):
    """Make or update the environment; instant when the requirements are the installed ones."""
    folder = Path(folder)
    wanted = hashlib.sha256(b"".join(Path(file).read_bytes() for file in requirements)).hexdigest()
    stamp = folder / ".requirements"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder / "bin" / "python"
    check_network()
    progress(f"installing Python packages of {', '.join(Path(file).name for file in requirements)}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    run([SYSTEM_PYTHON, "-m", "venv", folder])
    files = [part for file in requirements for part in ("--requirement", file)]
    # A file, not a pipe: pip says a lot, and the end of it matters when it fails.
    run(
        [folder / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *files],
        log=folder / "pip.log",
    )
    # Services run as other users, which cannot write the byte code next to the sources.
    subprocess.run(
        [folder / "bin" / "python", "-m", "compileall", "-q", "-j", "0", folder / "lib"],
        check=False,
        capture_output=True,
    )
    stamp.write_text(wanted)
    return folder / "bin" / "python"

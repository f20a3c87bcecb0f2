"""Unpacks Odoo 19 from Debian's own package, and creates a Python environment that runs it.

Only Debian's unstable suite has the package. Installing it on a stable Debian would pull in a newer C library.
Therefore a separate apt configuration downloads it, and it is only unpacked. The machine's own apt is unchanged.
"""

import hashlib
import re
import shutil
from pathlib import Path

from .console import Failure, step
from .paths import CACHE, LOGS, directory
from .prerequisites import check_network, mirror
from .process import run
from .virtualenv import ensure_virtualenv

REQUIREMENTS = Path(__file__).with_name("odoo19-requirements.txt")
TREE = CACHE / "odoo-19"
SOURCE = TREE / "usr" / "lib" / "python3" / "dist-packages"
VENV = CACHE / "odoo-19-venv"
# A real file, not a link: with workers Odoo starts itself again as `argv[0] gevent`.
ENTRY = TREE / "usr" / "bin" / "odoo"

# Odoo's package contains links to these. Unpacked into the same tree, every link resolves.
LINKED_PACKAGES = [
    "fonts-inconsolata",
    "fonts-font-awesome",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "fonts-glyphicons-halflings",
    "fonts-montserrat",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
]
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def python():
    """The interpreter that runs Odoo."""
    return VENV / "bin" / "python"


def version():
    """The unpacked package's version."""
    return (TREE / ".version").read_text().strip()


def ensure_odoo():
    """Installs the tree and its Python environment. Returns immediately when both exist."""
    if not (TREE / ".version").exists():
        check_network()
        with step("downloading Odoo 19 from Debian's archive", "Odoo", LOGS / "odoo-download.log"):
            _unpack()
    # Odoo stores its byte code in a separate folder: see `odoo_server`.
    ensure_virtualenv(VENV, REQUIREMENTS, compiled=False)


def _apt(folder, uri, keyring):
    """Options that give apt its own lists, cache and sources."""
    for name in ("lists/partial", "archives/partial", "downloads"):
        directory(folder / name)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={keyring}] {uri} sid main\n")
    (folder / "status").touch()
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::preferences": "-",
        "Dir::Etc::preferencesparts": "-",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "Dir::Cache::Archives": folder / "archives",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "APT::Get::List-Cleanup": "false",
    }
    return [part for key, value in settings.items() for part in ("--option", f"{key}={value}")]


def _unpack():
    uri, _suite, signed_by = mirror()
    keyring = signed_by if signed_by.startswith("/") else KEYRING
    if not Path(keyring).exists():
        raise Failure(f"the Debian archive keyring {keyring} is missing: install debian-archive-keyring")
    folder = directory(CACHE / "apt")
    options = _apt(folder, uri, keyring)
    run(["apt-get", "--quiet", *options, "update"], log=LOGS / "odoo-update.log")
    packages = ["odoo-19", *LINKED_PACKAGES]
    download = ["apt-get", "--quiet", *options, "download", *packages]
    run(download, cwd=folder / "downloads", log=LOGS / "odoo-download.log")
    files = sorted((folder / "downloads").glob("*.deb"))
    partial = TREE.with_name(TREE.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    directory(partial)
    for file in files:
        run(["dpkg", "-x", file, partial])
    # dpkg -x gives the top directory the archive's mode. Service users must be able to enter it.
    partial.chmod(0o755)
    # An incomplete copy of the modules, without data and static files. Odoo would use it instead of the complete one.
    shutil.rmtree(partial / "usr" / "lib" / "python3" / "dist-packages" / "addons")
    found = next(match for match in (re.match(r"odoo-19_(.+)_all\.deb", file.name) for file in files) if match)
    (partial / ".version").write_text(found.group(1))
    shutil.rmtree(TREE, ignore_errors=True)
    partial.rename(TREE)
    shutil.rmtree(folder)


def fingerprint():
    """A value that changes when another Odoo or other Python packages would run."""
    return hashlib.sha256(version().encode() + REQUIREMENTS.read_bytes()).hexdigest()

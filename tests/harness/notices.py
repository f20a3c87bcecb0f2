"""The licences of the crates that the extension links, for its packages."""

from pathlib import Path

from . import licences
from .console import Failure
from .paths import CHECKOUT
from .prerequisites import postgresql_major
from .process import run

# Files in which crates keep their licences and notices.
NAMES = ("license", "licence", "copying", "notice", "unlicense", "copyright")


def linked():
    """(name, version) of each crate that the extension is built from, without ours."""
    command = ["cargo", "tree", "--locked", "--edges=normal", "--prefix=none", "--format={p}"]
    command += ["--no-default-features", f"--features=pg{postgresql_major()}"]
    lines = run(command, cwd=CHECKOUT).stdout.splitlines()
    crates = {tuple(line.split()[:2]) for line in lines if line}
    return sorted((name, version.removeprefix("v")) for name, version in crates if name != "odoo_mcp")


def text():
    """The name and licence of each linked crate, then each notice with the names of its crates.

    :raises Failure: a crate names no licence
    """
    described = licences.crates(licences.rules()["graph"]["targets"])
    known = {(crate["name"], crate["version"]): crate for crate in described}
    lines, crates_by_notice = ["The extension odoo_mcp contains these Rust crates:", ""], {}
    for name, version in linked():
        crate = known[name, version]
        if not crate["license"]:
            raise Failure(f"the crate {name} {version} names no licence")
        lines.append(f"{name} {version}: {crate['license']} {crate['repository'] or ''}".rstrip())
        for notice in _notices(Path(crate["manifest_path"]).parent):
            crates_by_notice.setdefault(notice, []).append(name)
    for notice, names in crates_by_notice.items():
        lines += ["", "-" * 78, f"From {', '.join(dict.fromkeys(names))}:", "", notice]
    return "\n".join(lines) + "\n"


def _notices(folder):
    """The contents of the licence files of one crate."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name.lower().startswith(NAMES))
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]

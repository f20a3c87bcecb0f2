"""`make package`: builds what an administrator installs, under build/package."""

import ast
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

from . import extension, notices
from .console import Failure
from .paths import ADDONS, BUILD, CHECKOUT, directory
from .prerequisites import ensure, postgresql_major
from .process import run

SERIES = ["16.0", "17.0", "18.0", "19.0"]
OUTPUT = BUILD / "package"
# The same sources, compiler and system give the same bytes: every file has the time of the last commit, else this one.
EPOCH = 1_700_000_000
# Debian's copy of the licence that LGPL-3 adds permissions to.
GPL = Path("/usr/share/common-licenses/GPL-3")
COPYRIGHT = """Copyright 2026 Odoo MCP contributors

The extension is free software under the GNU Lesser General Public License, version 3 or later. The file LICENSE beside
this one has its text, COPYING.GPL-3 that of the GNU General Public License. NOTICES has the licences of the Rust crates
that the library contains.
"""


def build_packages():
    """Makes the extension's .deb and tarball and the addon's zip for each Odoo series. Returns their paths."""
    ensure()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    directory(OUTPUT)
    tree = extension.package(BUILD / "packaged", extension.PACKAGED)
    _strip(tree)
    _add_licences(tree)
    made = [debian_package(tree), tarball(tree), *(addon_zip(series) for series in SERIES)]
    for path in made:
        print(f"{path.relative_to(CHECKOUT)}  {path.stat().st_size / 1e6:.2f} MB")
    return made


def _strip(tree):
    """Remove what only debuggers need."""
    run(["strip", "--strip-unneeded", next(tree.rglob(f"{extension.NAME}.so"))])


def _add_licences(tree):
    """Add our licence, the one it is based on, and those of the crates in the library."""
    folder = directory(tree / "usr" / "share" / "doc" / f"postgresql-{postgresql_major()}-odoo-mcp")
    shutil.copyfile(CHECKOUT / "LICENSE", folder / "LICENSE")
    shutil.copyfile(GPL, folder / "COPYING.GPL-3")
    (folder / "NOTICES").write_text(notices.text(), encoding="utf-8")


def _time():
    done = run(["git", "-C", CHECKOUT, "log", "-1", "--format=%ct"], check=False)
    named = os.environ.get("SOURCE_DATE_EPOCH") or done.stdout.strip()
    return int(named) if named.isdigit() else EPOCH


def debian_package(tree):
    """The extension for Debian's PostgreSQL of this major."""
    major = postgresql_major()
    name = f"postgresql-{major}-odoo-mcp"
    root = BUILD / "deb" / name
    shutil.rmtree(root.parent, ignore_errors=True)
    shutil.copytree(tree, root)
    documents = directory(root / "usr" / "share" / "doc" / name)
    (documents / "copyright").write_text(COPYRIGHT)
    library = next(root.rglob(f"{extension.NAME}.so"))
    library.chmod(0o644)
    architecture = run(["dpkg", "--print-architecture"]).stdout.strip()
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) // 1024
    control = {
        "Package": name,
        "Version": f"{extension.version()}-1",
        "Architecture": architecture,
        "Section": "database",
        "Priority": "optional",
        "Maintainer": "Odoo MCP contributors <odoo-mcp@localhost>",
        "Installed-Size": size,
        "Depends": f"postgresql-{major}, {_library_dependencies(library)}",
        "Description": "MCP (Model Context Protocol) server for Odoo inside PostgreSQL\n"
        " The extension odoo_mcp: protocol, governance and audit of the MCP server for Odoo.\n"
        " The Odoo addon odoo_mcp, of the same release, goes with it.",
    }
    folder = directory(root / "DEBIAN")
    (folder / "control").write_text("".join(f"{key}: {value}\n" for key, value in control.items()))
    output = OUTPUT / f"{name}_{extension.version()}-1_{architecture}.deb"
    run(
        ["dpkg-deb", "--root-owner-group", "--build", root, output],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(_time())},
    )
    return output


def _library_dependencies(library):
    # dpkg-shlibdeps needs a source package's control file.
    folder = directory(BUILD / "deb" / "source" / "debian")
    (folder / "control").write_text(f"Source: {extension.NAME}\n\nPackage: {extension.NAME}\nArchitecture: any\n")
    said = run(["dpkg-shlibdeps", "-O", "--ignore-missing-info", library], cwd=folder.parent).stdout
    return said.strip().removeprefix("shlibs:Depends=")


def tarball(tree):
    """The same files for other systems, relative to the root directory."""
    machine = os.uname().machine
    output = OUTPUT / f"{extension.NAME}-{extension.version()}-pg{postgresql_major()}-{machine}.tar.gz"
    raw = output.with_suffix("")

    def normal(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = _time()
        return entry

    with tarfile.open(raw, "w") as archive:
        for path in sorted(tree.rglob("*")):
            archive.add(path, path.relative_to(tree), recursive=False, filter=normal)
    # -n omits the compression time from the file.
    run(["gzip", "-9", "-n", "-f", raw])
    return output


def manifest():
    """The addon's manifest as text, and the version in it."""
    text = (ADDONS / extension.NAME / "__manifest__.py").read_text()
    return text, ast.literal_eval(text)["version"]


def addon_zip(series):
    """The addon for one Odoo series. Only the version in the manifest differs between the series."""
    text, written = manifest()
    # The part after the series. The source may or may not name a series.
    release = re.sub(r"^\d+\.0\.(?=\d+\.\d+\.\d+$)", "", written)
    text, count = re.subn(rf"(['\"]version['\"]:\s*['\"]){re.escape(written)}", rf"\g<1>{series}.{release}", text)
    if count != 1:
        raise Failure("cannot find the version in the addon's manifest")
    source = ADDONS / extension.NAME
    output = OUTPUT / f"{extension.NAME}-{series}.zip"
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _shipped(source):
            content = text.encode() if path.name == "__manifest__.py" else path.read_bytes()
            archive.writestr(_entry(path.relative_to(ADDONS)), content)
        archive.writestr(_entry(Path(extension.NAME) / "LICENSE"), (CHECKOUT / "LICENSE").read_bytes())
    return output


def _shipped(source):
    tracked = subprocess.run(["git", "-C", source, "ls-files", "-z", "."], check=False, capture_output=True)
    if tracked.returncode == 0 and tracked.stdout:
        return sorted(source / os.fsdecode(name) for name in tracked.stdout.split(b"\0") if name)
    return sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _entry(path):
    entry = zipfile.ZipInfo(path.as_posix(), (2024, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry

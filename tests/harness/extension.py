"""Builds the extension with a pinned cargo-pgrx and keeps each build under its own name.

Nothing is written below /usr: a cluster finds the files through `extension_destdir`. Each build lies in
a folder named by its contents, so that building again never changes a file that a server has mapped.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .console import Failure, progress
from .paths import CACHE, CHECKOUT, RUN, TARGET, directory
from .prerequisites import check_network, postgresql_bin, postgresql_major
from .process import run

CARGO_PGRX = "0.18.1"
NAME = "odoo_mcp"
PGRX_HOME = TARGET / "pgrx"


def profile():
    """The cargo profile of packaged builds; ODOO_MCP_PROFILE names another, e.g. `dev`."""
    return os.environ.get("ODOO_MCP_PROFILE", "release")


def cargo_environment():
    """For every cargo call, so that plain cargo and cargo-pgrx share one set of built dependencies."""
    environment = dict(os.environ)
    environment.update(PGRX_HOME=str(PGRX_HOME), CARGO_PGRX_DISABLE_GC_SECTIONS_WORKAROUND="1")
    environment.pop("RUST_BACKTRACE", None)
    return environment


def _version_of(program):
    said = run([program, "pgrx", "--version"], check=False) if program else None
    found = re.search(r"(\d+\.\d+\.\d+\S*)", said.stdout) if said and not said.returncode else None
    return found.group(1) if found else None


def cargo_pgrx():
    """The pinned cargo-pgrx: the one on the PATH when it is exactly that version, else one in the cache."""
    on_path = shutil.which("cargo-pgrx")
    if on_path and _version_of(on_path) == CARGO_PGRX:
        return Path(on_path)
    root = CACHE / f"cargo-pgrx-{CARGO_PGRX}"
    program = root / "bin" / "cargo-pgrx"
    if not program.exists():
        check_network()
        progress(f"building cargo-pgrx {CARGO_PGRX} (about six minutes, once)")
        command = ["cargo", "install", "--locked", "--root", str(root), "cargo-pgrx", "--version", CARGO_PGRX]
        environment = {**os.environ, "CARGO_TARGET_DIR": str(root / "target")}
        if subprocess.run(command, check=False, stdout=sys.stderr, env=environment).returncode:
            raise Failure(f"cargo could not install cargo-pgrx {CARGO_PGRX}")
        shutil.rmtree(root / "target", ignore_errors=True)
    return program


def initialised():
    """cargo-pgrx that knows our PostgreSQL; nothing is downloaded for that."""
    program = cargo_pgrx()
    major = postgresql_major()
    known = PGRX_HOME / "config.toml"
    config = str(postgresql_bin("pg_config"))
    if not known.exists() or config not in known.read_text():
        directory(PGRX_HOME)
        run([program, "pgrx", "init", f"--pg{major}={config}"], env=cargo_environment(), cwd=CHECKOUT)
    return program


def sources():
    """Every file the package is made from."""
    files = [CHECKOUT / "Cargo.toml", CHECKOUT / "Cargo.lock", CHECKOUT / f"{NAME}.control"]
    for folder in ("src", "sql", ".cargo"):
        files += sorted(path for path in (CHECKOUT / folder).rglob("*") if path.is_file())
    files += [CHECKOUT / name for name in ("build.rs", "rust-toolchain.toml")]
    return [file for file in files if file.exists()]


def _digest(files, base, salt=""):
    digest = hashlib.sha256(salt.encode())
    for file in files:
        digest.update(os.fsencode(file.relative_to(base)) + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def version():
    """The extension's version, from Cargo.toml."""
    return re.search(r'^version\s*=\s*"([^"]+)"', (CHECKOUT / "Cargo.toml").read_text(), re.M).group(1)


def package(output, chosen=None):
    """Run `cargo pgrx package` into a folder; cargo itself rebuilds only what changed."""
    program = initialised()
    chosen = chosen or profile()
    major = postgresql_major()
    # A script that no longer exists must not stay in the package.
    shutil.rmtree(output, ignore_errors=True)
    command = [
        program,
        "pgrx",
        "package",
        "--no-default-features",
        "--features",
        f"pg{major}",
        "--pg-config",
        postgresql_bin("pg_config"),
        "--out-dir",
        output,
        "--profile",
        chosen,
    ]
    done = subprocess.run(
        [str(part) for part in command], check=False, stdout=sys.stderr, cwd=CHECKOUT, env=cargo_environment()
    )
    if done.returncode:
        raise Failure("the extension does not build, see the messages above")
    return output


def build():
    """The packaged tree to give to `extension_destdir`; built only when its sources changed."""
    known = directory(RUN / "extension") / "by-source"
    directory(known)
    with open(RUN / "extension.lock", "a", encoding="ascii") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        wanted = _digest(sources(), CHECKOUT, f"{profile()} {postgresql_major()} {CARGO_PGRX}")
        link = known / wanted
        tree = RUN / "extension" / link.read_text() if link.exists() else None
        if not tree or not tree.exists():
            tree = _build()
            # Unless somebody saved a file meanwhile: then nobody knows what exactly was built.
            if _digest(sources(), CHECKOUT, f"{profile()} {postgresql_major()} {CARGO_PGRX}") == wanted:
                link.write_text(tree.name)
        # The oldest are forgotten.
        os.utime(tree)
        return tree


def _build():
    progress(f"building the extension (profile {profile()})")
    packaged = package(TARGET / profile() / f"{NAME}-pg{postgresql_major()}")
    # A mistyped script name would be packaged as nothing at all.
    if not list(packaged.rglob(f"{NAME}--{version()}.sql")):
        raise Failure(f"cargo pgrx package made no {NAME}--{version()}.sql")
    files = sorted(path for path in packaged.rglob("*") if path.is_file())
    tree = RUN / "extension" / _digest(files, packaged)[:16]
    if not tree.exists():
        _forget_old(RUN / "extension")
        # A copy in the run-time folder, which the server's user can enter and cargo never rewrites.
        partial = tree.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(packaged, partial)
        partial.rename(tree)
    return tree


def _forget_old(folder, keep=5):
    configured = "".join(file.read_text() for file in RUN.glob("clusters/*/data/harness.conf"))
    trees = [path for path in folder.iterdir() if (path / "usr").exists() and path.name not in configured]
    for old in sorted(trees, key=lambda path: path.stat().st_mtime)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)


def version_of_tree(tree):
    """The default version named in a packaged tree's control file."""
    control = next(Path(tree).rglob(f"{NAME}.control")).read_text()
    return re.search(r"default_version\s*=\s*'([^']+)'", control).group(1)

"""Builds the extension with plain cargo and stores each build under its own name.

It writes nothing below /usr: a cluster finds the files through `extension_destdir`. Each build has a folder named by
its contents, so that a rebuild never changes a file that a server has mapped.
"""

import hashlib
import os
import re
import shutil
from pathlib import Path

from .console import step
from .paths import CHECKOUT, LOGS, RUN, TARGET, directory, one_at_a_time
from .prerequisites import postgresql_bin, postgresql_major
from .process import run

NAME = "odoo_mcp"
INSTALL_SCRIPT = CHECKOUT / "sql" / "install" / "functions.sql"
UPGRADE_SCRIPTS = CHECKOUT / "sql" / "upgrade"
# The tests share the compiled dependencies of the extension. Our own crate compiles quickly, with all checks.
_AS_TESTED = ("opt-level=0", "debug-assertions=true", "overflow-checks=true")
CARGO_TEST = ["cargo", "test", "--locked", "--release", "--no-fail-fast", "--no-default-features"]
CARGO_TEST += [part for setting in _AS_TESTED for part in ("--config", f"profile.release.package.{NAME}.{setting}")]


# The cargo profile of the packages for administrators.
PACKAGED = "dist"


def profile():
    """The cargo profile of packaged builds; ODOO_MCP_PROFILE names another, e.g. `dev`."""
    return os.environ.get("ODOO_MCP_PROFILE", "release")


def cargo_environment():
    """For every cargo call: the pg_config for pgrx, and output in the expected place."""
    ours = {
        "PGRX_PG_CONFIG_PATH": str(postgresql_bin("pg_config")),
        "CARGO_TARGET_DIR": str(TARGET),
        "CARGO_TERM_COLOR": "never",
    }
    left_out = ("RUST_BACKTRACE", "CARGO_BUILD_TARGET", "CARGO_TERM_QUIET")
    return {**{name: value for name, value in os.environ.items() if name not in left_out}, **ours}


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


def library(chosen=None):
    """Compiles the extension and returns its shared library. cargo rebuilds only what changed."""
    chosen = chosen or profile()
    log = LOGS / "cargo-build.log"
    command = ["cargo", "rustc", "--lib", "--crate-type", "cdylib", "--locked", "--profile", chosen]
    command += ["--no-default-features", "--features", f"pg{postgresql_major()}"]
    environment = cargo_environment()
    if chosen == PACKAGED:
        environment["RUSTFLAGS"] = f"{environment.get('RUSTFLAGS', '')} {_without_paths()}".strip()
    name = "the packaged extension" if chosen == PACKAGED else "the extension"
    with step(f"building the extension (profile {chosen})", name, log):
        run(command, cwd=CHECKOUT, env=environment, log=log)
    return TARGET / ("debug" if chosen == "dev" else chosen) / f"lib{NAME}.so"


def _without_paths():
    """Compiler options that keep the folders of this machine out of the library."""
    cargo = os.environ.get("CARGO_HOME") or Path.home() / ".cargo"
    return f"--remap-path-prefix={cargo}=/cargo --remap-path-prefix={CHECKOUT}=/{NAME}"


def package(output, chosen=None):
    """Compiles the extension and copies the files that CREATE and ALTER EXTENSION read to this PostgreSQL's paths below
    `output`.

    PostgreSQL's manual lists these files ("Packaging Related Objects into an Extension"): the library, the control
    file, the script of this version and the scripts that upgrade to it.
    """
    built = library(chosen)
    shutil.rmtree(output, ignore_errors=True)
    libraries, shared = (
        directory(output / Path(run([postgresql_bin("pg_config"), option]).stdout.strip()).relative_to("/"))
        for option in ("--pkglibdir", "--sharedir")
    )
    scripts = directory(shared / "extension")
    shutil.copyfile(built, libraries / f"{NAME}.so")
    (libraries / f"{NAME}.so").chmod(0o755)
    control = (CHECKOUT / f"{NAME}.control").read_text().replace("@CARGO_VERSION@", version())
    (scripts / f"{NAME}.control").write_text(control)
    shutil.copyfile(INSTALL_SCRIPT, scripts / f"{NAME}--{version()}.sql")
    for script in UPGRADE_SCRIPTS.glob(f"{NAME}--*--*.sql"):
        shutil.copyfile(script, scripts / script.name)
    return output


def build():
    """The packaged tree for `extension_destdir`. Rebuilds it only when its sources changed."""
    known = directory(RUN / "extension") / "by-source"
    directory(known)
    with one_at_a_time(RUN / "extension.lock"):
        wanted = _digest(sources(), CHECKOUT, f"{profile()} {postgresql_major()}")
        link = known / wanted
        tree = RUN / "extension" / link.read_text() if link.exists() else None
        if not tree or not tree.exists():
            tree = _build()
            # If a file changed during the build, the result matches no known state.
            if _digest(sources(), CHECKOUT, f"{profile()} {postgresql_major()}") == wanted:
                link.write_text(tree.name)
        # The oldest trees are deleted.
        os.utime(tree)
        return tree


def _build():
    packaged = package(TARGET / profile() / f"{NAME}-pg{postgresql_major()}")
    files = sorted(path for path in packaged.rglob("*") if path.is_file())
    tree = RUN / "extension" / _digest(files, packaged)[:16]
    if not tree.exists():
        _forget_old(RUN / "extension")
        # A copy in the runtime folder, which the server's user can enter and cargo never rewrites.
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

"""The linters, each of them one check: rustfmt, clippy with and without PostgreSQL, ruff, pylint-odoo, licences, addon
pages."""

import subprocess
import sys
import time

from .console import Failure
from .extension import cargo_environment
from .paths import CACHE, CHECKOUT
from .prerequisites import check_rust_tools, postgresql_major
from .results import Part, Result
from .virtualenv import ensure_virtualenv

REQUIREMENTS = CHECKOUT / "tests" / "requirements-lint.txt"
RUST_CLIENT = CHECKOUT / "tests" / "clients" / "rmcp" / "Cargo.toml"

# Disabled rules.
PYLINT_OFF = [
    "prefer-env-translation",  # self.env._ exists from Odoo 18 on, and the addon also runs on 16
]


def ensure_tools():
    """The folder of the linters' programs. Installs missing ones."""
    return ensure_virtualenv(CACHE / "lint-venv", REQUIREMENTS).parent


def checks():
    """(name, command) of every check."""
    check_rust_tools()
    tools = ensure_tools()
    strict = ["--", "--deny", "warnings"]
    # The profile of the build, whose procedural macros and build scripts are already compiled.
    clippy = ["cargo", "clippy", "--quiet", "--release", "--all-targets", "--no-default-features"]
    yield "rustfmt", ["cargo", "fmt", "--check"]
    yield "rustfmt of the test client", ["cargo", "fmt", "--check", "--manifest-path", RUST_CLIENT]
    yield "clippy without PostgreSQL", [*clippy, *strict]
    yield "clippy with PostgreSQL", [*clippy, "--features", f"pg{postgresql_major()}", *strict]
    yield "ruff", [tools / "ruff", "check", "--no-cache", "."]
    addons = sorted(path.parent for path in CHECKOUT.glob("odoo_addon/*/__manifest__.py"))
    yield (
        "pylint-odoo",
        [
            tools / "pylint",
            "--load-plugins=pylint_odoo",
            "--disable=all",
            "--enable=odoolint",
            "--valid-odoo-versions=16.0,17.0,18.0,19.0",
            "--manifest-required-authors=Odoo MCP contributors",
            f"--disable={','.join(PYLINT_OFF)}",
            "--score=n",
            *addons,
        ],
    )
    yield "licences", [sys.executable, "-m", "harness.licences"]
    yield "addon-readme", [tools / "python", "-m", "harness.addon_readme", "--check"]


def run_checks(*chosen):
    """Runs the checks whose names begin with one of these words, or all of them. The result has the output of failed
    checks."""
    result = Result()
    environment = {
        **cargo_environment(),
        "PYTHONPATH": str(CHECKOUT / "tests"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    found = [(name, command) for name, command in checks() if not chosen or name.startswith(chosen)]
    if not found:
        raise Failure(f"no check is named {' or '.join(chosen)}; there are {', '.join(name for name, _ in checks())}")
    for name, command in found:
        begun = time.monotonic()
        done = subprocess.run(
            [str(part) for part in command],
            check=False,
            cwd=CHECKOUT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        failed = int(done.returncode != 0)
        result.parts.append(Part(name, time.monotonic() - begun, 1 - failed, failed))
        result.output += f"lint: {name}: {'FAILED' if failed else 'ok'}\n{done.stdout if failed else ''}"
    return result

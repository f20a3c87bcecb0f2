"""Linters, each one check: rustfmt, clippy with and without PostgreSQL, ruff, pylint-odoo."""

import subprocess

from .extension import cargo_environment, initialised
from .paths import CACHE, CHECKOUT
from .prerequisites import check_rust_tools, postgresql_major
from .virtualenv import ensure_virtualenv

REQUIREMENTS = CHECKOUT / "tests" / "requirements-lint.txt"
RUST_CLIENT = CHECKOUT / "tests" / "clients" / "rmcp" / "Cargo.toml"

# Rules about publishing with the Odoo Community Association do not apply here.
PYLINT_OFF = [
    "consider-merging-classes-inherited",  # the tools' methods are in files by what they are about
    "manifest-required-author",
    "missing-readme",
    "category-allowed-app",
    "prefer-env-translation",
]  # self.env._ exists from Odoo 18 on, the addon also runs on 16


def checks():
    """(name, command) of every check; installs what they need."""
    check_rust_tools()
    initialised()
    tools = ensure_virtualenv(CACHE / "lint-venv", REQUIREMENTS).parent
    strict = ["--", "--deny", "warnings"]
    clippy = ["cargo", "clippy", "--quiet", "--all-targets", "--no-default-features"]
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
            f"--disable={','.join(PYLINT_OFF)}",
            "--score=n",
            *addons,
        ],
    )


def run_checks():
    """(passed, failed) over all of them; each prints its own findings."""
    passed = failed = 0
    for name, command in checks():
        done = subprocess.run([str(part) for part in command], check=False, cwd=CHECKOUT, env=cargo_environment())
        print(f"lint: {name}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        passed, failed = (passed, failed + 1) if done.returncode else (passed + 1, failed)
    return passed, failed

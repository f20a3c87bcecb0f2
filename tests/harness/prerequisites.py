"""Checks the requirements of the machine, and installs missing Debian packages."""

import contextlib
import os
import re
import shutil
import socket
import sys
from pathlib import Path

from .console import Failure, step
from .paths import LOGS
from .process import as_administrator, run

RUST_VERSION = (1, 95)
POSTGRESQL_VERSIONS = range(14, 19)
DEBIAN_POSTGRESQL = {12: 15, 13: 17}

SERVER_PACKAGES = ["postgresql-{major}", "postgresql-client-{major}", "python3", "python3-venv"]
BUILD_PACKAGES = [
    "build-essential",
    "clang",
    "libclang-dev",
    "postgresql-server-dev-{major}",
]
TEST_PACKAGES = ["chromium", "chromium-driver"]


def debian_release():
    """The Debian major version. Refuses other systems, because Odoo comes from Debian."""
    try:
        facts = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.M))
    except FileNotFoundError:
        facts = {}
    if facts.get("ID") != "debian" or not facts.get("VERSION_ID", "").isdigit() or int(facts["VERSION_ID"]) < 12:
        name = facts.get("PRETTY_NAME", sys.platform)
        raise Failure(f"unsupported platform: {name}; this needs Debian 12 or newer")
    return int(facts["VERSION_ID"])


def postgresql_major():
    """The PostgreSQL major version to build for and test on: ODOO_MCP_PG_MAJOR, or else Debian's own."""
    named = os.environ.get("ODOO_MCP_PG_MAJOR")
    major = int(named) if named and named.isdigit() else DEBIAN_POSTGRESQL.get(debian_release(), 17)
    if named and major not in POSTGRESQL_VERSIONS:
        low, high = POSTGRESQL_VERSIONS[0], POSTGRESQL_VERSIONS[-1]
        raise Failure(f"PostgreSQL {named} is not supported; ODOO_MCP_PG_MAJOR must be {low} to {high}")
    return major


def postgresql_bin(program=""):
    """A program of that PostgreSQL, or its directory."""
    return Path(f"/usr/lib/postgresql/{postgresql_major()}/bin") / program


def installed(packages):
    """The subset of these Debian packages that is installed."""
    done = run(["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *packages], check=False)
    return {
        name for name, _, status in (line.partition(" ") for line in done.stdout.splitlines()) if status == "installed"
    }


def check_rust():
    """Checks for Rust. The harness does not install it, because developers have their own setup."""
    wanted = ".".join(map(str, RUST_VERSION))
    if not shutil.which("cargo") or not shutil.which("rustc"):
        raise Failure(f"no Rust tool chain: install Rust {wanted} or newer, with cargo on the PATH")
    said = run(["rustc", "--version"]).stdout
    found = re.match(r"rustc (\d+)\.(\d+)", said)
    if not found or tuple(map(int, found.groups())) < RUST_VERSION:
        raise Failure(f"Rust is too old: {said.strip()!r}, need {wanted} or newer")


def check_rust_tools():
    """Checks for two components that linting needs and minimal toolchains lack."""
    for component, command in (
        ("rustfmt", ["cargo", "fmt", "--version"]),
        ("clippy", ["cargo", "clippy", "--version"]),
    ):
        if run(command, check=False).returncode:
            raise Failure(f"the Rust component {component} is missing: rustup component add {component}")


def check_python():
    """The harness itself and Odoo 19 need Python 3.11."""
    if sys.version_info < (3, 11):
        raise Failure(f"Python is too old: {sys.version.split()[0]}, need 3.11 or newer")


def mirror():
    """(URI, suite, keyring) of the machine's own Debian archive, from either format of apt's source lists."""
    folder = Path("/etc/apt/sources.list.d")
    for path in sorted(folder.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            fields = {key.lower(): value.strip() for key, value in re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.M)}
            if (
                fields.get("enabled", "yes").lower() in ("no", "false", "0")
                or "deb" not in fields.get("types", "").split()
            ):
                continue
            suites = fields.get("suites", "").split()
            if suites and "main" in fields.get("components", "").split() and not suites[0].endswith("-security"):
                return fields["uris"].split()[0], suites[0], fields.get("signed-by", "")
    for path in (Path("/etc/apt/sources.list"), *sorted(folder.glob("*.list"))):
        if not path.exists():
            continue
        for options, uri, suite, components in re.findall(
            r"^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$", path.read_text(), re.M
        ):
            if "main" in components.split() and not suite.endswith("-security"):
                signed = re.search(r"signed-by=(\S+)", options or "", re.I)
                return uri, suite, signed.group(1) if signed else ""
    raise Failure("apt has no Debian archive among its sources: /etc/apt/sources.list.d is empty or disabled")


def check_network():
    """Fails with one clear line instead of many retries. Tests the machine's own archive."""
    uri = mirror()[0]
    found = re.match(r"(https?)://([^/:]+)(?::(\d+))?", uri)
    proxied = any(os.environ.get(name) for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"))
    if not found or proxied or run(["apt-config", "dump", "Acquire::http::Proxy"], check=False).stdout.strip():
        return
    port = int(found.group(3) or (443 if found.group(1) == "https" else 80))
    try:
        socket.create_connection((found.group(2), port), timeout=15).close()
    except OSError as error:
        raise Failure(f"no network: the package archive in apt's sources is out of reach ({error})") from error


def check_postgresql():
    """Reports a server that exists but is too old, or has another major version than requested."""
    major = postgresql_major()
    if not postgresql_bin("postgres").exists():
        raise Failure(f"PostgreSQL {major} is not installed and apt could not install it")
    said = run([postgresql_bin("postgres"), "--version"]).stdout
    found = re.search(r"(\d+)\.", said)
    if not found or int(found.group(1)) not in POSTGRESQL_VERSIONS:
        raise Failure(f"PostgreSQL is too old: {said.strip()}, need {POSTGRESQL_VERSIONS[0]} or newer")


@contextlib.contextmanager
def _without_main_cluster(packages):
    """Prevents Debian's server package from creating and starting a cluster on port 5432 at its installation."""
    if not any(re.fullmatch(r"postgresql-\d+", name) for name in packages):
        yield
        return
    folder = "/etc/postgresql-common/createcluster.d"
    file = f"{folder}/odoo_mcp.conf"
    run(as_administrator(["sh", "-c", f"mkdir -p {folder} && echo 'create_main_cluster = false' > {file}"]))
    try:
        yield
    finally:
        run(as_administrator(["sh", "-c", f"rm -f {file}; rmdir --ignore-fail-on-non-empty {folder}"]))


def ensure_packages(names, name="packages"):
    """Installs missing packages by name, as the step `name`. Does nothing when all are present."""
    names = [name.format(major=postgresql_major()) for name in names]
    missing = sorted(set(names) - installed(names))
    if not missing:
        return
    check_network()
    # Ask for a password before drawing the progress line.
    run(as_administrator(["true"]))
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--option", "DPkg::Lock::Timeout=300"]
    with step(f"installing {' '.join(missing)}", name, LOGS / "apt.log"), _without_main_cluster(missing):
        run(as_administrator([*quiet, "update"]), log=LOGS / "apt-update.log")
        install = [*quiet, "install", "--yes", "--no-install-recommends", *missing]
        run(as_administrator(install), log=LOGS / "apt.log")


def ensure():
    """Installs everything for building and running."""
    check_python()
    debian_release()
    check_rust()
    ensure_packages(SERVER_PACKAGES + BUILD_PACKAGES)
    check_postgresql()


def ensure_for_tests():
    """Installs what only tests use: a browser, and any npm, which installs the JavaScript clients."""
    ensure_packages(TEST_PACKAGES + ["npm"] * (not shutil.which("npm")), "test packages")

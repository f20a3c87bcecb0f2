"""The layers of `make test`: the programs that each runs, and its results."""

import datetime
import itertools
import os
import re
import subprocess
import time
import traceback

from . import extension, lint, odoo_server, regress
from .console import Failure, step
from .paths import BUILD, CACHE, CHECKOUT, LOGS, directory
from .process import run, watch
from .results import Part, Result, of_junit
from .virtualenv import ensure_virtualenv

REQUIREMENTS = CHECKOUT / "tests" / "requirements.txt"
ADDON_TEST_DATABASE = "addon_tests"
# Parallel test processes, each with its own cluster and servers (about 2 GB). They often wait for something.
TEST_PROCESSES = min(len(os.sched_getaffinity(0)) + 1, 5)


def test_python():
    """The interpreter of the tests' own environment."""
    return ensure_virtualenv(CACHE / "test-venv", REQUIREMENTS)


def test_environment():
    """Variables for programs in the tests' own environment: our packages on the path, no byte code in the tree."""
    return {**os.environ, "PYTHONPATH": str(CHECKOUT / "tests"), "PYTHONDONTWRITEBYTECODE": "1"}


def clients():
    """Installs the clients that are not Python packages. Returns immediately when they exist."""
    log = LOGS / "clients.log"
    with step("installing the clients that tests talk through", "the clients", log):
        run([test_python(), "-m", "clients"], cwd=CHECKOUT, env=test_environment(), log=log)


def rust(_environment):
    """Unit tests and properties of the pure parts, and the declarations of the SQL functions; no PostgreSQL."""
    library = next(extension.build().rglob(f"{extension.NAME}.so"))
    log = LOGS / "cargo-test.log"
    begun = time.monotonic()
    with step("compiling the Rust tests", "the Rust tests", log):
        run([*extension.CARGO_TEST, "--no-run"], cwd=CHECKOUT, env=extension.cargo_environment(), log=log)
    compiling = Part("compiling", time.monotonic() - begun)
    variables = {**extension.cargo_environment(), "ODOO_MCP_LIBRARY": str(library)}
    done = subprocess.run(
        extension.CARGO_TEST,
        check=False,
        cwd=CHECKOUT,
        env=variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return rust_result(done.stdout, done.returncode, compiling)


# Every run must print these lines, so that a part that did not run cannot pass.
RUST_NOTES = (r"^properties: \d+, .*", r"^surface: \d+ functions$")


def rust_result(text, status, *more):
    """Parses a run of `cargo test` from its output (both streams together) and its exit status."""
    # Cargo prints the name of each program before it runs it.
    found = re.split(r"^ +(?:Running|Doc-tests) (?:unittests )?(\S+).*$", text, flags=re.M)
    parts = list(more)
    for name, said in zip(found[1::2], found[2::2], strict=True):
        part = Part(name)
        for outcome in re.finditer(r"^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored.*", said, re.M):
            passed, failed, ignored = map(int, outcome.groups())
            seconds = re.search(r"finished in ([\d.]+)s", outcome[0])
            part = Part(name, float(seconds[1]) if seconds else 0.0, passed, failed, ignored)
        parts.append(part)
    notes = [match[0] for match in (re.search(pattern, text, re.M) for pattern in RUST_NOTES) if match]
    if (status or len(notes) < len(RUST_NOTES)) and not any(part.failed for part in parts):
        parts.append(Part("cargo test", failed=1))
    return Result(parts, output=text, note="; ".join(notes))


def linters(_environment):
    """All linters."""
    return lint.run_checks()


def sql(environment):
    """The SQL interface, tested with pg_regress."""
    return regress.run_regress(environment.cluster)


def addon(environment):
    """The addon's own tests, run by Odoo."""
    environment.fresh_database(ADDON_TEST_DATABASE, "plain")
    log = directory(LOGS) / "addon-tests.log"
    done = odoo_server.run_addon_tests(environment.cluster, ADDON_TEST_DATABASE, "odoo_mcp", log)
    text = log.read_text(encoding="utf-8", errors="replace")
    environment.drop_database(ADDON_TEST_DATABASE)
    return addon_result(text, done.returncode)


def addon_result(text, status):
    """Parses a run of Odoo's tests from its log: a line for each started test, one for each skipped test, and one at
    the end."""
    found = re.findall(r"odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests", text)
    failed, errors, total = map(int, found[-1]) if found else (0, 0, 0)
    skipped = len(re.findall(r": skipped \S+ : ", text))
    wrong = failed + errors
    output = ""
    if status or wrong:
        output = "\n".join(re.findall(r"^.* (?:ERROR|CRITICAL|FAIL) .*(?:\n(?!\d{4}-).*)*", text, re.M))
        wrong = max(wrong, 1)
    # The output names the file of a failure. The counts cover all files.
    parts = [Part("all files", 0.0, max(total - wrong - skipped, 0), wrong, skipped), *_addon_seconds(text)]
    return Result(parts, output=output)


def _addon_seconds(text):
    moments = re.findall(r"^(\S+ \S+),\d+ .*odoo\.addons\.odoo_mcp\.tests\.(\w+): Starting ", text, re.M)
    end = re.findall(r"^(\S+ \S+),\d+ .*odoo\.tests\.result: ", text, re.M)
    seconds = {}
    for (moment, name), (after, _name) in itertools.pairwise([*moments, *((moment, "") for moment in end[-1:])]):
        begun, ended = (datetime.datetime.fromisoformat(said) for said in (moment, after))
        seconds[name] = seconds.get(name, 0.0) + (ended - begun).total_seconds()
    return [Part(f"{name}.py", lasted) for name, lasted in seconds.items()]


def pytest(_environment):
    """Everything against the running Odoo: clients, protocol, governance, installation."""
    report = directory(BUILD / "reports") / "pytest.xml"
    report.unlink(missing_ok=True)
    arguments = [
        "-m",
        "pytest",
        "tests",
        f"--junit-xml={report}",
        "-o",
        f"cache_dir={BUILD / 'pytest-cache'}",
        "--durations=15",
        "--strict-markers",
        # The tests of a file stay together, because they share servers.
        f"--numprocesses={TEST_PROCESSES}",
        "--dist=loadfile",
        # In the order of `conftest.py`: the longest files first.
        "--no-loadscope-reorder",
        # No test may hang. A process's first test also waits for the servers.
        "--timeout=600",
        "-ra",
        *os.environ.get("PYTEST_ARGS", "").split(),
    ]
    status = watch([test_python(), *arguments], cwd=CHECKOUT, env=test_environment())
    if not report.exists():
        return Result([Part("pytest", failed=1)])
    result = Result(of_junit(report))
    # A nonzero status without failures means that the run itself failed.
    if status and not result.total("failed") and not result.total("skipped"):
        result.parts.append(Part("pytest", failed=1))
    return result


LAYERS = {"rust": rust, "lint": linters, "sql": sql, "addon": addon, "pytest": pytest}


def run_layer(name, environment):
    """Runs one layer and returns its result, even after an error."""
    begun = time.monotonic()
    try:
        result = LAYERS[name](environment)
    except Failure as failure:
        result = Result([Part(name, failed=1)], output=f"error: {failure}")
    except Exception:
        result = Result([Part(name, failed=1)], output=traceback.format_exc())
    if not any(part.passed + part.failed + part.skipped for part in result.parts):
        result.parts.append(Part(f"{name} has no tests", failed=1))
    result.seconds = time.monotonic() - begun
    return result

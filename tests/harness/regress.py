"""Runs PostgreSQL's own pg_regress over pg_regress/ on a cluster of the harness."""

import re
import shutil

from .console import Failure
from .paths import BUILD, CHECKOUT, directory
from .prerequisites import postgresql_bin, postgresql_major
from .process import clean_environment, run
from .results import Part, Result

FOLDER = CHECKOUT / "pg_regress"
OUTPUT = BUILD / "pg_regress"
DATABASE = "regression"


def names():
    """The tests in order: those of the file `schedule` if it exists, otherwise `setup` first and the rest by name."""
    schedule = FOLDER / "schedule"
    if schedule.exists():
        return [
            name
            for line in schedule.read_text().splitlines()
            if line.startswith("test:")
            for name in line.removeprefix("test:").split()
        ]
    found = sorted(path.stem for path in (FOLDER / "sql").glob("*.sql"))
    return sorted(found, key=lambda name: (name != "setup", name))


def run_regress(cluster):
    """Runs pg_regress. The result's output has the differences, which also stay in the build folder."""
    tests = names()
    listed = {path.stem for path in (FOLDER / "sql").glob("*.sql")}
    if listed - set(tests):
        raise Failure(f"pg_regress/schedule leaves out {', '.join(sorted(listed - set(tests)))}")
    shutil.rmtree(OUTPUT, ignore_errors=True)
    directory(OUTPUT)
    cluster.drop_database(DATABASE)
    # As under Odoo, the database's owner is not a superuser.
    cluster.sql(f"CREATE DATABASE {DATABASE} OWNER odoo TEMPLATE template0 LC_COLLATE 'C'")
    program = f"/usr/lib/postgresql/{postgresql_major()}/lib/pgxs/src/test/regress/pg_regress"
    command = [
        program,
        f"--bindir={postgresql_bin()}",
        f"--host={cluster.host}",
        f"--port={cluster.port}",
        "--user=odoo",
        "--use-existing",
        f"--dbname={DATABASE}",
        f"--inputdir={FOLDER}",
        f"--outputdir={OUTPUT}",
    ]
    schedule = FOLDER / "schedule"
    command += [f"--schedule={schedule}"] if schedule.exists() else tests
    done = run(command, env=clean_environment(), check=False, cwd=CHECKOUT)
    return read_result(tests, done.stdout + done.stderr, done.returncode)


def read_result(tests, text, status):
    """The result of these tests, from the output and the exit status of pg_regress."""
    # Up to PostgreSQL 15 `test name ... ok 12 ms`, or only the name where several run at once. TAP from 16 on.
    said = re.findall(r"^(?:test | {5})(\S+)\s+\.\.\. ok\s+(\d+) ms|^ok \d+\s+[-+] (\S+)\s+(\d+) ms", text, re.M)
    passed = {name or tap: int(taken or tap_taken) / 1000 for name, taken, tap, tap_taken in said}
    parts = [Part(name, passed.get(name, 0.0), int(name in passed), int(name not in passed)) for name in tests]
    if not status and all(part.passed for part in parts):
        return Result(parts)
    if all(part.passed for part in parts):
        parts.append(Part("pg_regress", failed=1))
    differences = OUTPUT / "regression.diffs"
    shown = differences.read_text(errors="replace").splitlines()[:400] if differences.exists() else []
    return Result(parts, output="\n".join([text, *shown]))

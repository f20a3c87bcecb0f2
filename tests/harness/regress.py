"""Runs PostgreSQL's own pg_regress over pg_regress/ on a cluster of ours."""

import re
import shutil
import time

from .console import Failure
from .paths import BUILD, CHECKOUT, directory
from .prerequisites import postgresql_bin, postgresql_major
from .process import clean_environment, run

FOLDER = CHECKOUT / "pg_regress"
OUTPUT = BUILD / "pg_regress"
DATABASE = "regression"


def names():
    """The tests in order: those of the file `schedule` when there is one, else `setup` first, the rest by name."""
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
    """(passed, failed, seconds); differences are printed and kept in the build folder."""
    started = time.monotonic()
    tests = names()
    listed = {path.stem for path in (FOLDER / "sql").glob("*.sql")}
    if listed - set(tests):
        raise Failure(f"pg_regress/schedule leaves out {', '.join(sorted(listed - set(tests)))}")
    if not tests:
        return 0, 0, 0.0
    shutil.rmtree(OUTPUT, ignore_errors=True)
    directory(OUTPUT)
    cluster.drop_database(DATABASE)
    # The database's owner is no superuser, as under Odoo.
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
    # Up to 15 `test name ... ok 12 ms`, from 16 on TAP.
    passed = len(re.findall(r"^(?:test \S+|     \S+)\s+\.\.\. ok\b|^ok \d+", done.stdout, re.M))
    failed = len(tests) - passed
    if done.returncode or failed:
        print(done.stdout + done.stderr)
        differences = OUTPUT / "regression.diffs"
        if differences.exists():
            print("\n".join(differences.read_text(errors="replace").splitlines()[:400]))
        failed = max(failed, 1)
    return passed, failed, time.monotonic() - started

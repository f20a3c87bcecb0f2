"""The crash matrix in another order for each seed, while other clients write and maintenance seals and verifies."""

import random
import threading

import psycopg2
from support.crash import CELLS, CHANGED, EITHER, Matrix
from support.world import make_world

from harness import Environment
from harness.console import progress

WRITERS = 3


def run(seeds):
    """Runs the seeds in order and yields each that passed."""
    with Environment("soak") as environment:
        matrix = Matrix(environment, make_world(environment), "soak_crash")
        try:
            for seed in seeds:
                _seed(matrix, seed)
                yield seed
        finally:
            matrix.close()


def _seed(matrix, seed):
    progress(f"crash matrix, seed {seed}")
    matrix.clear()
    cells = list(CELLS)
    random.Random(seed).shuffle(cells)
    done = threading.Event()
    writers = [threading.Thread(target=_write, args=(matrix.db.dsn, done)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for point, kind in cells:
            found = matrix.run(point, kind, label=f"-{seed}")
            if (point, kind) not in EITHER and found["changed"] != ((point, kind) in CHANGED):
                raise AssertionError(f"seed {seed}, {point} x {kind}: {found}")
    finally:
        done.set()
        for writer in writers:
            writer.join()


def _write(dsn, done):
    """Another client writes audit rows and rolls some of them back, whatever happens to the server."""
    number = 0
    while not done.is_set():
        try:
            connection = psycopg2.connect(dsn)
            while not done.wait(0.05):
                number += 1
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT mcp_audit_insert(jsonb_build_object('call_id', gen_random_uuid(), 'status', 'ok'))"
                    )
                if number % 3:
                    connection.commit()
                else:
                    connection.rollback()
            connection.close()
        except psycopg2.Error:
            done.wait(0.2)

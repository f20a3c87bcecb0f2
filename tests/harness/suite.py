"""`make test`: setup, then all layers in parallel on two cores, and the tables at the end."""

import concurrent.futures
import threading
import time

from . import layers, npm, prerequisites, results
from .console import Failure, duration, progress, steps_done
from .environment import Environment, set_up
from .lint import ensure_tools
from .paths import CHECKOUT

# Layers of one lane run one after the other. One lane waits for servers while the other computes.
LANES = (("pytest",), ("rust", "lint", "sql", "addon"))
# These need the one cluster that they all share. The pytest processes have their own clusters.
ON_A_CLUSTER = ("sql", "addon")


def set_up_all():
    """Installs, builds and creates everything for the tests. Downloads run in parallel with computation."""
    prerequisites.ensure()
    prerequisites.check_rust_tools()
    prerequisites.ensure_for_tests()
    with concurrent.futures.ThreadPoolExecutor() as side:
        others = side.submit(_tools_of_tests)
        set_up()
        others.result()


def _tools_of_tests():
    layers.test_python()
    ensure_tools()
    layers.clients()
    # The official conformance suite, under the same name as in `tests/conformance/suite.py`.
    npm.ensure_packages(CHECKOUT / "tests" / "conformance", "npm-conformance")


def run_layers(chosen):
    """Runs the named layers, or all. Prints the tables and the closing line, and returns the exit status."""
    unknown = set(chosen) - set(layers.LAYERS)
    if unknown:
        raise Failure(f"no layer {', '.join(sorted(unknown))}; there are {', '.join(layers.LAYERS)}")
    wanted = [name for name in layers.LAYERS if not chosen or name in chosen]
    started = time.monotonic()
    set_up_all()
    steps = [results.Part(title, seconds) for title, seconds in steps_done()]
    setting_up = results.Result(steps, seconds=time.monotonic() - started)
    done = run_lanes(wanted)
    found = {"set-up": setting_up, **{name: done[name] for name in wanted}}
    print(results.tables(found, time.monotonic() - started), flush=True)
    return 0 if all(result.good for result in done.values()) else 1


def run_lanes(wanted):
    """Runs layers and returns {name: result}."""
    if not set(wanted) & set(ON_A_CLUSTER):
        return _lanes(wanted, None)
    with Environment() as environment:
        return _lanes(wanted, environment)


def _lanes(wanted, environment):
    done = {}
    broken_off = threading.Event()

    def run(lane):
        for name in lane:
            if name in wanted and not broken_off.is_set():
                progress(f"layer {name}: {layers.LAYERS[name].__doc__.splitlines()[0]}")
                done[name] = layers.run_layer(name, environment)
                _tell(name, done[name])

    # The first lane runs in the main thread, which receives the signals.
    with concurrent.futures.ThreadPoolExecutor() as side:
        others = [side.submit(run, lane) for lane in LANES[1:]]
        try:
            run(LANES[0])
        except BaseException:
            broken_off.set()
            raise
        for other in others:
            other.result()
    return done


def _tell(name, result):
    if result.output.strip() and not result.good:
        print(f"\n{result.output.strip()}\n", flush=True)
    failed = result.total("failed") + result.total("skipped")
    progress(f"layer {name}: {result.total('passed')} passed, {failed} failed in {duration(result.seconds)}")

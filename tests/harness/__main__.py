"""The command line of the harness, which the Makefile calls: `python3 -m harness <command>`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys

from . import addon_pot, bundle, demo, layers, licences, lint, methods, prerequisites, results, suite
from .cluster import known_clusters
from .console import Failure, progress
from .environment import Environment
from .odoo_server import stop_leftovers
from .paths import BUILD, CACHE, CHECKOUT, LOGS, RUN, TARGET
from .process import watch


def setup(_arguments):
    """install and build everything that tests and demo need"""
    suite.set_up_all()
    progress("everything is there")


def run_lint(arguments):
    """run the linters, or those named"""
    prerequisites.ensure()
    result = lint.run_checks(*arguments.check)
    print(result.output)
    print(results.tables({"lint": result}, sum(part.seconds for part in result.parts)))
    return 0 if result.good else 1


def run_licences(_arguments):
    """check that deny.toml allows the licence of every crate"""
    prerequisites.check_rust()
    return licences.main()


def run_addon_readme(_arguments):
    """write the addon's README.rst and index.html from its readme/"""
    prerequisites.check_python()
    command = [lint.ensure_tools() / "python", "-m", "harness.addon_readme"]
    return watch(command, cwd=CHECKOUT, env=layers.test_environment())


def run_addon_pot(_arguments):
    """write the addon's translation template as Odoo exports it"""
    prerequisites.ensure()
    with Environment() as environment:
        database = environment.fresh_database("translations", "plain")
        made = addon_pot.exported(environment, database)
        environment.drop_database(database)
    for line in addon_pot.differences(addon_pot.TEMPLATE.read_text(encoding="utf-8"), made):
        print(line)
    addon_pot.TEMPLATE.write_text(made, encoding="utf-8")
    progress(f"{addon_pot.TEMPLATE} is written")


def run_test(arguments):
    """run all layers of tests, or those named"""
    return suite.run_layers(arguments.layer)


def run_bench(arguments):
    """run the benchmark in tests/bench"""
    prerequisites.ensure()
    command = [layers.test_python(), "-m", "bench", *arguments.rest]
    return watch(command, cwd=CHECKOUT, env=layers.test_environment())


def run_soak(arguments):
    """run the long tests in tests/soak, which go on where the last run ended"""
    suite.set_up_all()
    command = [layers.test_python(), "-m", "soak", *arguments.rest]
    return watch(command, cwd=CHECKOUT, env=layers.test_environment())


def run_conversation(_arguments):
    """hold the scripted conversation with a fresh copy of the demo data and write docs/conversation.md"""
    prerequisites.ensure()
    with Environment() as environment:
        database = environment.fresh_database("conversation", "plain")
        server = environment.odoo(database, name="conversation", workers=2)
        command = [
            layers.test_python(),
            "-m",
            "conversation",
            f"{server.url}/mcp",
            environment.make_key(database, "admin"),
        ]
        made = subprocess.run(command, env=layers.test_environment(), stdout=subprocess.PIPE, check=False)
        server.stop()
        environment.drop_database(database)
    if made.returncode:
        raise Failure("the conversation broke off, see the messages above")
    path = CHECKOUT / "docs" / "conversation.md"
    path.write_bytes(made.stdout)
    progress(f"{path} is written")


def run_methods(_arguments):
    """list the methods that are left to a caller for whom something is restricted"""
    prerequisites.ensure()
    print(methods.listed())


def run_newest(_arguments):
    """run the newest release of the official conformance suite; what it finds is only reported"""
    suite.set_up_all()
    command = [layers.test_python(), "-m", "pytest", "tests/protocol/test_conformance.py", "-q", "--tb=line"]
    watch(command, cwd=CHECKOUT, env={**layers.test_environment(), "ODOO_MCP_CONFORMANCE_NEWEST": "1"})


def run_demo(_arguments):
    """start the demo, hold a conversation, say how to connect"""
    demo.start()


def stop_demo(_arguments):
    """stop the demo"""
    demo.stop()


def run_package(_arguments):
    """make the .deb, the tarball and the addon's zips"""
    bundle.build_packages()


def stop(_arguments):
    """stop every server of this checkout, those of interrupted runs included"""
    for cluster in known_clusters():
        stop_leftovers(cluster)
        if cluster.postmaster():
            progress(f"stopping PostgreSQL of cluster {cluster.name}")
            cluster.shut_down()


def clean(_arguments):
    """stop all servers and delete what was built; downloads and tools in the cache stay"""
    stop(None)
    for folder in (RUN, LOGS, TARGET):
        shutil.rmtree(folder, ignore_errors=True)
    for path in BUILD.iterdir() if BUILD.exists() else ():
        if path != CACHE and path not in CACHE.parents:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def main():
    """Parse the command line, run the command, turn a Failure into one line."""
    parser = argparse.ArgumentParser(prog="harness", description=__doc__)
    commands = parser.add_subparsers(required=True)
    table = {
        "setup": setup,
        "demo": run_demo,
        "demo-stop": stop_demo,
        "test": run_test,
        "bench": run_bench,
        "soak": run_soak,
        "conversation": run_conversation,
        "methods": run_methods,
        "conformance-newest": run_newest,
        "lint": run_lint,
        "licences": run_licences,
        "addon-readme": run_addon_readme,
        "addon-pot": run_addon_pot,
        "package": run_package,
        "stop": stop,
        "clean": clean,
    }
    for name, function in table.items():
        command = commands.add_parser(name, help=function.__doc__)
        command.set_defaults(function=function)
        if name == "test":
            command.add_argument("layer", nargs="*", help=", ".join(layers.LAYERS))
        if name == "lint":
            command.add_argument("check", nargs="*", help="the first word of a check's name, such as ruff")
    arguments, rest = parser.parse_known_args()
    if rest and arguments.function not in (run_bench, run_soak):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    arguments.rest = rest
    # SIGTERM ends the command like Ctrl-C, so that it stops what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return arguments.function(arguments) or 0
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    sys.exit(main())

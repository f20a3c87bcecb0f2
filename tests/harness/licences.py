"""`make licences`: checks that deny.toml allows the licence of every crate that the project builds with.

After a build, the crates are present and the check needs no network.
"""

import json
import re
import sys

import tomllib

from .console import Failure
from .paths import CHECKOUT
from .process import run

TOKEN = re.compile(r"[()/]|[^\s()/]+")
# Old manifests have a slash where SPDX has OR.
OR = ("OR", "/")
RESERVED = {*OR, "AND", "WITH", "(", ")"}


def satisfied(expression, allowed):
    """Whether the allowed licences satisfy an SPDX expression: one operand of OR, all operands of AND.

    A licence WITH an exception must be allowed by its full name. An expression that cannot be parsed is not allowed.
    """
    tokens = TOKEN.findall(expression or "")
    try:
        return _either(tokens, allowed) and not tokens
    except (IndexError, ValueError):
        return False


def _either(tokens, allowed):
    met = _both(tokens, allowed)
    while tokens and tokens[0] in OR:
        del tokens[0]
        met = _both(tokens, allowed) or met
    return met


def _both(tokens, allowed):
    met = _one(tokens, allowed)
    while tokens and tokens[0] == "AND":
        del tokens[0]
        met = _one(tokens, allowed) and met
    return met


def _one(tokens, allowed):
    name = tokens.pop(0)
    if name == "(":
        met = _either(tokens, allowed)
        if tokens.pop(0) != ")":
            raise ValueError("a parenthesis is not closed")
        return met
    if name in RESERVED:
        raise ValueError(f"{name} where a licence should be")
    if tokens and tokens[0] == "WITH":
        name = f"{name} WITH {tokens[1]}"
        del tokens[:2]
    return name in allowed


def refusals(packages, allowed):
    """A line for each crate with a forbidden licence, and for each allowed licence that no crate uses."""
    lines = [
        f"{package['name']} {package['version']} has {package['license'] or 'no licence'}"
        for package in packages
        if not satisfied(package["license"], allowed)
    ]
    named = {token for package in packages for token in TOKEN.findall(package["license"] or "")}
    lines += [f"no crate has {name}" for name in allowed if not named >= {*name.split()}]
    return lines


def crates(targets):
    """The crates that are compiled for these targets, including ours, as `cargo metadata` describes them."""
    command = ["cargo", "metadata", "--locked", "--all-features", "--format-version=1"]
    command += [f"--filter-platform={target}" for target in targets]
    done = run([*command, "--offline"], cwd=CHECKOUT, check=False)
    if done.returncode:
        # Some crates have not been downloaded yet.
        done = run(command, cwd=CHECKOUT)
    return json.loads(done.stdout)["packages"]


def rules():
    """The contents of deny.toml."""
    return tomllib.loads((CHECKOUT / "deny.toml").read_text(encoding="utf-8"))


def check():
    """Returns the number of crates. Raises `Failure` with the crates that deny.toml does not allow."""
    wanted = rules()
    packages = crates(wanted["graph"]["targets"])
    lines = refusals(packages, wanted["licenses"]["allow"])
    if lines:
        raise Failure("not as deny.toml allows it:\n    " + "\n    ".join(lines))
    return len(packages)


def main():
    """Runs the check, prints one line, and returns the exit status."""
    try:
        print(f"licences of {check()} crates: all are allowed")
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

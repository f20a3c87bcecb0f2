"""The licence check: how it evaluates an SPDX expression, and what it reports about a crate that is not allowed."""

import pytest

from harness import licences, notices

ALLOWED = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"]


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-2.0-only", False),
        ("MIT OR GPL-2.0-only", True),
        ("GPL-2.0-only OR GPL-3.0-only", False),
        ("MIT AND Zlib", True),
        ("MIT AND GPL-2.0-only", False),
        # AND binds closer than OR.
        ("MIT OR GPL-2.0-only AND GPL-3.0-only", True),
        ("GPL-2.0-only AND MIT OR GPL-3.0-only", False),
        ("(MIT OR GPL-2.0-only) AND Zlib", True),
        ("(MIT OR GPL-2.0-only) AND GPL-3.0-only", False),
        ("((MIT))", True),
        ("MIT/GPL-2.0-only", True),
        ("GPL-2.0-only / Zlib", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("Apache-2.0", False),
        ("MIT WITH LLVM-exception", False),
        ("MIT+", False),
        ("", False),
        (None, False),
        ("OR", False),
        ("MIT OR", False),
        ("MIT Zlib", False),
        ("(MIT", False),
        ("MIT)", False),
        ("MIT WITH", False),
    ],
)
def test_of_or_one_licence_suffices_and_of_and_all_are_needed(expression, allowed):
    assert licences.satisfied(expression, ALLOWED) is allowed


def test_a_refusal_names_the_crate_and_an_allowed_licence_that_none_has():
    packages = [
        {"name": "fine", "version": "1.0.0", "license": "MIT OR Unlicense"},
        {"name": "strict", "version": "2.0.0", "license": "GPL-2.0-only"},
        {"name": "silent", "version": "3.0.0", "license": None},
    ]
    assert licences.refusals(packages, ["MIT", "Zlib"]) == [
        "strict 2.0.0 has GPL-2.0-only",
        "silent 3.0.0 has no licence",
        "no crate has Zlib",
    ]


def test_the_packages_name_every_linked_crate_with_its_licence():
    text = notices.text()
    for name, version in notices.linked():
        assert f"\n{name} {version}: " in text
    # The file of one crate, word for word.
    assert "Copyright" in text and "Permission is hereby granted, free of charge" in text

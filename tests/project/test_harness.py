"""The harness itself: how it parses the output of the programs that it runs, and how it displays its steps."""

import io

from support import sample

from harness import console, layers, regress, results

CARGO = """\
   Compiling odoo_mcp v0.5.0
    Finished `release` profile [optimized] target(s) in 1.00s
     Running unittests src/lib.rs (target/release/deps/odoo_mcp-1)
running 3 tests
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.25s

     Running tests/properties/main.rs (target/release/deps/properties-1)
properties: 2, cases: 40, seconds: 1.5
test result: ok. 2 passed; 0 failed; 0 ignored; finished in 1.50s

     Running tests/surface/main.rs (target/release/deps/surface-1)
surface: 15 functions
test result: ok. 15 passed; 0 failed; 0 ignored; finished in 0.01s

   Doc-tests odoo_mcp
running 0 tests
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""


def test_the_rust_layer_has_each_program_with_its_counts_and_seconds():
    result = layers.rust_result(CARGO, 0)
    assert [(part.name, part.passed, part.skipped, part.seconds) for part in result.parts] == [
        ("src/lib.rs", 3, 1, 0.25),
        ("tests/properties/main.rs", 2, 0, 1.5),
        ("tests/surface/main.rs", 15, 0, 0.01),
        ("odoo_mcp", 0, 0, 0.0),
    ]
    assert not result.good, "an ignored test has shown nothing"
    assert result.note == "properties: 2, cases: 40, seconds: 1.5; surface: 15 functions"


def test_a_rust_program_that_did_nothing_or_died_is_a_failure():
    untried = CARGO.replace("1 ignored", "0 ignored").replace("surface: 15 functions", "surface: not compared")
    assert layers.rust_result(CARGO.replace("1 ignored", "0 ignored"), 0).good
    assert not layers.rust_result(untried, 0).good
    assert not layers.rust_result(CARGO.replace("1 ignored", "0 ignored"), 101).good
    assert not layers.rust_result("error: could not compile", 101).good


ODOO = """\
2026-01-01 10:00:00,100 1 INFO db odoo.addons.odoo_mcp.tests.test_one: Starting TestOne.test_a ...
2026-01-01 10:00:02,100 1 INFO db odoo.addons.odoo_mcp.tests.test_one: Starting TestOne.test_b ...
2026-01-01 10:00:03,100 1 INFO db odoo.addons.odoo_mcp.tests.test_two: Starting TestTwo.test_c ...
2026-01-01 10:00:07,900 1 INFO db odoo.tests.result: 0 failed, 0 error(s) of 3 tests when loading database 'db'
"""


def test_odoos_log_has_counts_and_the_seconds_of_each_file():
    result = layers.addon_result(ODOO, 0)
    assert result.good and result.total("passed") == 3
    assert {part.name: part.seconds for part in result.parts} == {"all files": 0, "test_one.py": 3, "test_two.py": 4}
    assert not layers.addon_result(ODOO.replace("0 failed, 0 error", "0 failed, 1 error"), 0).good
    assert not layers.addon_result("", 0).good
    skipped = ODOO + "2026-01-01 10:00:08,000 1 INFO db odoo.tests: skipped TestOne.test_d : no reason\n"
    assert layers.addon_result(skipped, 0).total("skipped") == 1


def test_pg_regress_is_read_in_both_of_its_languages():
    plain = "test one   ... ok   12 ms\ntest two   ... FAILED   3 ms\n"
    for text in (plain, "ok 1   - one   12 ms\nnot ok 2 - two 3 ms"):
        one, two = regress.read_result(["one", "two"], text, 1).parts
        assert (one.passed, one.seconds, two.passed, two.failed) == (1, 0.012, 0, 1)
    assert not regress.read_result(["one"], "test one   ... ok   12 ms\n", 2).good


def test_a_report_of_junit_is_summed_by_file(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(
        '<testsuites><testsuite><testcase classname="tests.policy.test_a" name="x" time="1.5"/>'
        '<testcase classname="tests.policy.test_a.TestB" name="y" time="0.5"><failure/></testcase>'
        '<testcase classname="tests.test_c" name="z" time="0.25"><skipped/></testcase></testsuite></testsuites>'
    )
    found = [(part.name, part.seconds, part.passed, part.failed, part.skipped) for part in results.of_junit(path)]
    assert found == [("policy/test_a.py", 2.0, 1, 1, 0), ("test_c.py", 0.25, 0, 0, 1)]


def test_the_closing_line_counts_skipped_tests_as_failed():
    made = {"a": results.Result([results.Part("x", 1.0, 5)]), "b": results.Result([results.Part("y", 1.0, 2, 1, 3)])}
    assert results.tables(made, 2.0).splitlines()[-1] == "7 passed, 4 failed"


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self):
        return True


def test_steps_are_lines_in_a_log_and_one_line_on_a_terminal():
    said = io.StringIO()
    board = console.Board(said)
    board.begin("compiling", " of 2 min")
    board.say("something else")
    board.end("compiling")
    assert said.getvalue().count("\n") == 1 and "\x1b" not in said.getvalue()
    shown = Terminal()
    board = console.Board(shown)
    board.begin("compiling", " of 2 min")
    board.begin("downloading", "")
    board.draw()
    assert "\n" not in shown.getvalue()
    assert "compiling 0 s of 2 min; downloading 0 s" in shown.getvalue()
    board.end("compiling")
    board.end("downloading")
    assert shown.getvalue().endswith("\x1b[K")


def test_seconds_are_told_as_people_do():
    told = [console.duration(seconds) for seconds in (0.4, 59.4, 59.6, 125)]
    assert told == ["0 s", "59 s", "1 min 00 s", "2 min 05 s"]


def test_a_sample_is_the_same_for_a_seed_and_everything_when_asked(monkeypatch):
    def chosen(seed):
        monkeypatch.setenv(sample.VARIABLE, seed)
        return [sample.doors(f"test_{number}.py") for number in range(100)]

    first = chosen("7")
    assert first == chosen("7") != chosen("8")
    assert 30 < first.count(("fast",)) < 70 and 30 < first.count(("ordinary",)) < 70
    assert chosen(sample.ALL) == [("fast", "ordinary")] * 100

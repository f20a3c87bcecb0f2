"""The addon's generated pages: README.rst matches its fragments, and the check names an outdated file."""

import ast

from harness import addon_readme


def test_the_readme_has_every_fragment_and_is_up_to_date():
    manifest = ast.literal_eval((addon_readme.ADDON / "__manifest__.py").read_text(encoding="utf-8"))
    made = addon_readme.readme(manifest)
    folder = addon_readme.ADDON / "readme"
    assert {path.stem for path in folder.iterdir()} == {"DESCRIPTION", *addon_readme.SECTIONS}
    for path in folder.iterdir():
        assert path.read_text(encoding="utf-8").strip() in made
    assert addon_readme.outdated({addon_readme.README: made}) == []


def test_a_page_that_is_missing_or_different_is_out_of_date(tmp_path):
    kept, changed, missing = (tmp_path / name for name in ("kept", "changed", "missing"))
    kept.write_text("same", encoding="utf-8")
    changed.write_text("old", encoding="utf-8")
    assert addon_readme.outdated({kept: "same", changed: "new", missing: ""}) == [changed, missing]

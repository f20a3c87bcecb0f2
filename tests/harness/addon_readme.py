"""`make addon-readme`: generates README.rst and static/description/index.html of the addon from the fragments in
readme/.

Runs in the linters' own environment, which has docutils. With `--check` it writes nothing.
"""

import ast
import html
import re
import sys

from .console import Failure
from .paths import ADDONS

ADDON = ADDONS / "odoo_mcp"
README = ADDON / "README.rst"
PAGE = ADDON / "static" / "description" / "index.html"
# The page shows the pictures with such names beside it, ordered by name.
SCREENSHOTS = "screenshot_*.png"

# The fragments have the names that the Odoo Community Association uses.
SECTIONS = {
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues",
    "HISTORY": "Changes",
    "CONTRIBUTORS": "Contributors",
}
GENERATED = "made from the files in readme/ by `make addon-readme`; do not edit it"

# A markup problem is an error, and the output does not depend on installed software or configuration.
DOCUTILS = {
    "_disable_config": True,
    "doctitle_xform": False,
    "file_insertion_enabled": False,
    "halt_level": 2,
    "initial_header_level": 2,
    "raw_enabled": False,
    "syntax_highlight": "none",
    "toc_backlinks": False,
}

# Odoo drops the head and applies its own style to the rest. The page is also readable alone.
TEMPLATE = """\
<!DOCTYPE html>
<!-- {generated} -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; color: #222; }}
h1, h2, h3 {{ color: #714b67; line-height: 1.2; }}
h2 {{ margin-top: 2.5rem; border-bottom: 1px solid #ddd; }}
code, pre {{ font-family: monospace; background: #f4f1f3; }}
pre {{ padding: 1rem; overflow-x: auto; }}
img {{ max-width: 100%; height: auto; }}
</style>
</head>
<body>
<header>
<img src="icon.png" alt="" width="100" height="100">
<h1>{name}</h1>
<p class="lead"><strong>{summary}</strong></p>
</header>
{screenshots}{body}
<footer>
<p>Licence: LGPL-3.0-or-later. Author: {author}.</p>
</footer>
</body>
</html>
"""


def fragment(name):
    """The text of a file in readme/."""
    path = ADDON / "readme" / f"{name}.rst"
    if not path.exists():
        raise Failure(f"{path.relative_to(ADDONS)} is missing")
    return path.read_text(encoding="utf-8").strip()


def sections():
    """All sections after the description, with their titles, as reStructuredText."""
    return "\n\n".join(f"{title}\n{'=' * len(title)}\n\n{fragment(name)}" for name, title in SECTIONS.items())


def readme(manifest):
    """README.rst, from the manifest and the fragments."""
    line = "=" * len(manifest["name"])
    parts = [
        f".. This file is {GENERATED}.",
        f"{line}\n{manifest['name']}\n{line}",
        fragment("DESCRIPTION"),
        ".. contents::\n   :local:",
        sections(),
        f"Licence\n=======\n\nLGPL-3.0-or-later. Author: {manifest['author']}.",
    ]
    return "\n\n".join(parts) + "\n"


def page(manifest):
    """index.html, the description page that Odoo's list of apps shows."""
    from docutils.core import publish_parts  # only the linters' environment has it

    source = f"{fragment('DESCRIPTION')}\n\n{sections()}\n"
    body = publish_parts(source, writer="html5", settings_overrides=DOCUTILS)["body"]
    # docutils marks literal text with a class that needs its style sheet.
    body = re.sub(r'<span class="pre">([^<]*)</span>', r"\1", body)
    body = re.sub(r'<span class="docutils literal">([^<]*)</span>', r"<code>\1</code>", body)
    pictures = "".join(f'<p><img src="{path.name}" alt=""></p>\n' for path in sorted(PAGE.parent.glob(SCREENSHOTS)))
    facts = {name: html.escape(manifest[name]) for name in ("name", "summary", "author")}
    return TEMPLATE.format(body=body.strip(), generated=f"This file is {GENERATED}.", screenshots=pictures, **facts)


def outdated(made):
    """The paths of the files that differ from newly generated ones."""
    return [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(arguments):
    """Writes both files, or with `--check` lists the outdated ones. Returns the exit status."""
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))
    made = {README: readme(manifest), PAGE: page(manifest)}
    old = outdated(made)
    for path in old:
        name = path.relative_to(ADDONS.parent)
        if "--check" in arguments:
            print(f"{name} is not what readme/ gives: run `make addon-readme`", file=sys.stderr)
        else:
            path.write_text(made[path], encoding="utf-8")
            print(f"{name} is written")
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        sys.exit(f"error: {failure}")

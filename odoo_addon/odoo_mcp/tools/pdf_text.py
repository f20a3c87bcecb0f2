# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Extracts the text of a PDF file with the library that Odoo itself uses, in a separate process.

Files are untrusted, and a few kilobytes can keep a parser busy for hours or unpack to gigabytes. A failure ends only
that process. Run as a program, this module reads the file from its standard input and writes the text to its standard
output.
"""

import io
import os
import subprocess
import sys

SECONDS = 10
MEMORY = 1 << 30
# The program gets no other variable of Odoo's environment.
VARIABLES = ("PATH", "LD_LIBRARY_PATH")
MOST_PAGES = 200
MOST_CHARACTERS = 500_000


def extracted(raw):
    """Return the text of a PDF file, pages separated by an empty line; None on a timeout, an error or without text."""
    variables = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    command = [sys.executable, "-I", __file__]
    try:
        done = subprocess.run(
            command, input=raw, env=variables, capture_output=True, timeout=SECONDS + 2, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode:
        return None
    return done.stdout.decode("utf-8", "replace").strip() or None


def _main():
    # A system without this module has no safe way.
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        from pypdf import PdfReader
    except ImportError:
        from PyPDF2 import PdfReader
    texts, room = [], MOST_CHARACTERS
    for page in PdfReader(io.BytesIO(sys.stdin.buffer.read())).pages[:MOST_PAGES]:
        text = page.extract_text().replace("\0", "")[:room]
        texts.append(text)
        room -= len(text)
        if room <= 0:
            break
    sys.stdout.buffer.write("\n\n".join(texts).encode("utf-8", "replace"))


if __name__ == "__main__":
    _main()

"""A scripted conversation with Odoo's demo data through the official Python client, and the page that shows it.

    python -m conversation URL KEY > docs/conversation.md

script.py   the user's questions, the tool calls and the answers; every answer is made of results
page.py     the conversation as a page, and the parts of it that may differ from run to run
"""

from .page import alike, page
from .script import hold

__all__ = ["alike", "hold", "page"]

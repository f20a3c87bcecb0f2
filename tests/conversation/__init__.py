"""A scripted conversation with Odoo's demo data through the official Python client, and the page that shows it.

    python -m conversation URL KEY > docs/conversation.md

script.py   what the person asks, which tools are called for it, and what is answered; every answer is made of results
page.py     the conversation as a page, and what of it may differ from one making to the next
"""

from .page import alike, page
from .script import hold

__all__ = ["alike", "hold", "page"]

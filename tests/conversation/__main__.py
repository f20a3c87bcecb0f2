"""Holds the conversation with a server and prints the page."""

import asyncio
import sys

from . import hold, page

url, key = sys.argv[1:]
print(page(asyncio.run(hold(url, key))), end="")

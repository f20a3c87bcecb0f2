"""Hold the conversation with a server and print the page."""

import asyncio
import sys

from . import hold, page

url, key = sys.argv[1:]
print(page(asyncio.run(hold(url, key))), end="")

"""What the tests of the running server share: raw HTTP, JSON-RPC, SQL, logs, workers, and the world they work in.

http.py       requests as bytes on a socket, answers taken apart without interpretation
mcp.py        an MCP client of both eras in the fewest lines that still show every byte sent
database.py   rows by SQL, and counts of everything that a request might have changed
logs.py       what Odoo and PostgreSQL wrote between two moments
workers.py    choose which worker answers, and know which worker and backend did
policy.py     access records, key scopes and settings for the length of a block
crash.py      the crash matrix: points, faults, and what must be true afterwards
browser.py    headless Chromium by its DevTools protocol
files.py      images and PDF files made by hand
outputs.py    every structured result held against its output schema
world.py      the users, companies, keys and records of the shared database
"""

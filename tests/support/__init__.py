"""Helpers for the tests of the running server: raw HTTP, JSON-RPC, SQL, logs, workers, and the test data.

The first line of each module says what it has. The most used ones are:

http.py       requests as bytes on a socket, and answers split into their parts
mcp.py        a minimal MCP client of both eras that shows every byte sent
database.py   rows by SQL, and counts of all data that a request might change
logs.py       the log entries of Odoo and PostgreSQL after a mark
workers.py    choose the worker that answers, and find the worker and backend that did
policy.py     access records, key scopes and settings for the duration of a block
crash.py      the crash matrix: points, faults, and the invariants afterwards
browser.py    headless Chromium through its DevTools protocol
files.py      generated images and PDF files
outputs.py    validates every structured result against its output schema
world.py      the users, companies, keys and records of the shared database
"""

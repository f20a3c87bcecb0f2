"""The cost of a request to /mcp relative to Odoo's own interfaces and other MCP servers: one run, one table.

    python -m bench [--quick] [--rounds N] [--output FOLDER]        (with `tests` on the path; `make bench`)

    rows.py      the measured rows: each row's request, its expected answer, and its reference row
    stage.py     the environment: a durable cluster, two Odoo servers (one per door) and the other MCP servers
    peers.py     the other servers, each in its own virtual environment
    sizes.py     the bytes that a model reads for ten typical questions
    load.py      the load generator: a new connection for each request, sequential or with concurrent clients
    report.py    medians, ratios, the table, the checks

Each round measures all rows in turn, forwards and backwards, so that a drift affects all rows equally.
"""

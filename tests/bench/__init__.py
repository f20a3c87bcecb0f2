"""One run, one table, ratios: what a request to /mcp costs beside Odoo's own interfaces and other MCP servers.

    python -m bench [--quick] [--rounds N] [--output FOLDER]        (with `tests` on the path; `make bench`)

    rows.py      what is measured: for each row its request, what must come back, and the row it is held against
    stage.py     where: a durable cluster, two Odoo servers (one per door) and the other MCP servers
    peers.py     those other servers, each in a virtual environment of its own
    sizes.py     the bytes that a model reads, of ten typical questions
    load.py      how: a new connection for each request, one after the other or by concurrent clients
    report.py    medians, ratios, the table, the checks

All rows are measured in turn within each round, forwards and backwards, so that whatever drifts hits all alike.
"""

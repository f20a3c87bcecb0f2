"""`make demo`: starts a real Odoo with demo data, the addon and the extension. It keeps running for an AI client."""

import concurrent.futures
import json
import os

from . import template
from .cluster import Cluster, port_is_free
from .console import Failure, step
from .conversation import Conversation, Refused, converse
from .environment import Environment
from .odoo_server import OdooServer, adopt
from .paths import LOGS, RUN

DATABASE = "odoo_mcp_demo"
FIRST_PORT = 8069
KEY_FILE = RUN / "demo-key"


def _server(cluster, port):
    return OdooServer(cluster, "demo", database=DATABASE, port=port, workers=2, options={"max_cron_threads": 1})


def _state_file(cluster):
    return cluster.home / "demo.json"


def _state(cluster):
    try:
        return json.loads(_state_file(cluster).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def _free_port(kept):
    for port in [kept] * bool(kept) + list(range(FIRST_PORT, FIRST_PORT + 200)):
        if port_is_free(port):
            return port
    raise Failure(f"no free port from {FIRST_PORT} on")


def start():
    """Starts the demo (again when addon or extension changed), holds the conversation, and prints how to connect."""
    environment = Environment("demo", with_addon=False).open()
    cluster = environment.cluster
    state = _state(cluster)
    fingerprint = template.addon_fingerprint(cluster.extension, with_test_addons=False)
    server = _server(cluster, state.get("port") or FIRST_PORT)
    running = adopt(server) and server.answers()
    if DATABASE not in cluster.databases() or state.get("fingerprint") != fingerprint:
        server.stop_leftover()
        running = False
        _prepare_database(environment, known=bool(state))
    with concurrent.futures.ThreadPoolExecutor() as side:
        # Odoo's shell creates the key and takes as long to start as Odoo itself.
        making = None if KEY_FILE.exists() else side.submit(_make_key, environment)
        if not running:
            server.stop_leftover()
            server = _server(cluster, _free_port(state.get("port")))
            with step("starting Odoo", log=server.log):
                server.start()
        _state_file(cluster).write_text(json.dumps({"fingerprint": fingerprint, "port": server.port}))
        # Odoo itself learns its address when an administrator signs in with a browser.
        address = f"UPDATE ir_config_parameter SET value = '{server.url}' WHERE key = 'web.base.url'"
        environment.sql(address, DATABASE, "odoo")
        key = making.result() if making else _kept_key(environment, server.port)
    print(f"\nA conversation with {server.url}/mcp\n")
    try:
        converse(server.port, key)
    except Refused as refused:
        raise Failure(f"{refused}; Odoo's log: {server.log}, PostgreSQL's: {cluster.log}") from refused
    print(instructions(f"{server.url}/mcp", key, server.url))
    print(f"""The database, as Odoo's role:
  psql "{cluster.dsn(DATABASE, "odoo")}"

Odoo and PostgreSQL keep running. Stop them:  make demo-stop
""")


def _prepare_database(environment, known):
    if known and DATABASE in environment.cluster.databases():
        with step("updating the addon in the demo database", log=LOGS / "demo-update.log"):
            # A rebuild of the same version keeps its name, so ALTER EXTENSION UPDATE would do nothing.
            environment.sql("DROP EXTENSION IF EXISTS odoo_mcp; CREATE EXTENSION odoo_mcp", DATABASE, "odoo")
            environment.update(DATABASE, "odoo_mcp", extra_addons=[], log=LOGS / "demo-update.log")
        return
    # The state file exists only when the database is complete. The key of an earlier database is not valid in this one.
    _state_file(environment.cluster).unlink(missing_ok=True)
    KEY_FILE.unlink(missing_ok=True)
    with step("installing the addon", "the addon", LOGS / "demo-init.log"):
        environment.fresh_database(DATABASE, "base")
        environment.install(DATABASE, "odoo_mcp", extra_addons=[], log=LOGS / "demo-init.log")


def _kept_key(environment, port):
    """The administrator's API key from an earlier run if it is still valid, otherwise a new one."""
    key = KEY_FILE.read_text().strip()
    try:
        Conversation(port, key).stateless("server/discover")
        return key
    except Refused as refused:
        if refused.status not in (401, 403, 429):
            return key
    return _make_key(environment)


def _make_key(environment):
    with step("making an API key"):
        key = environment.make_key(DATABASE, "admin", days=None, name="make demo")
    KEY_FILE.unlink(missing_ok=True)
    with open(os.open(KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key + "\n")
    return key


def stop():
    """Stops the demo's Odoo and PostgreSQL. Their data remain."""
    cluster = Cluster("demo")
    server = _server(cluster, _state(cluster).get("port") or FIRST_PORT)
    stopped = bool(adopt(server))
    server.stop()
    stopped = bool(cluster.postmaster()) or stopped
    cluster.shut_down()
    print("the demo is stopped; `make demo` starts it again" if stopped else "the demo was not running")


def instructions(url, key, odoo):
    """Instructions for connecting the common clients, with the real URL and key."""
    bearer = f"Authorization: Bearer {key}"
    remote = {
        "mcpServers": {
            "odoo": {
                "command": "npx",
                "args": [
                    "-y",
                    "mcp-remote",
                    url,
                    "--header",
                    "Authorization:${ODOO_AUTH}",
                    "--transport",
                    "http-only",
                    "--allow-http",
                ],
                "env": {"ODOO_AUTH": f"Bearer {key}"},
            }
        }
    }
    headers = {"Authorization": f"Bearer {key}"}
    cursor = {"mcpServers": {"odoo": {"url": url, "headers": headers}}}
    code = {"servers": {"odoo": {"type": "http", "url": url, "headers": headers}}}
    gemini = {"mcpServers": {"odoo": {"httpUrl": url, "headers": headers}}}
    return f"""
Odoo runs at {odoo} (user admin, password admin); its MCP server at
  {url}
  API key of the administrator (kept in {KEY_FILE}): {key}

Claude Code
  claude mcp add --transport http odoo {url} --header "{bearer}"

Claude Desktop (claude_desktop_config.json, through mcp-remote)
  {json.dumps(remote)}

Cursor (.cursor/mcp.json)
  {json.dumps(cursor)}

VS Code (.vscode/mcp.json)
  {json.dumps(code)}

Gemini CLI (.gemini/settings.json)
  {json.dumps(gemini)}
"""

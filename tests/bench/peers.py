"""Other MCP servers for Odoo, installed as their users do: from the package index, over streamable HTTP."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.cluster import free_port
from harness.console import Failure
from harness.paths import CACHE, LOGS, directory
from harness.process import ODOO_USER, clean_environment, service_user, start_detached, stop_session
from harness.virtualenv import ensure_virtualenv

from . import load

REQUIREMENTS = Path(__file__).parent / "peers"


@dataclass
class Peer:
    """One package and its connection settings for Odoo. The search tool of all of them is `search_records`."""

    name: str
    arguments: list
    environment: dict
    port: int = 0
    _pid: int | None = field(default=None, repr=False)

    def start(self, url, database, login, key):
        """Installs the server if necessary, starts it on loopback and waits until it listens."""
        home = CACHE / "peers" / self.name
        ensure_virtualenv(home, REQUIREMENTS / f"{self.name}.txt")
        self.port = free_port()
        facts = {"url": url, "database": database, "login": login, "key": key}
        variables = {name: value.format(**facts) for name, value in self.environment.items()}
        command = [home / "bin" / self.name, "--transport", "streamable-http", "--host", "127.0.0.1",
                   "--port", self.port, *self.arguments]
        log = directory(LOGS) / f"bench-{self.name}.log"
        log.write_text("")
        process = start_detached(command, user=service_user(ODOO_USER), log=log, env=clean_environment(variables))
        self._pid = process.pid
        deadline = time.monotonic() + 60
        while not self._listens():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Failure(f"{self.name} does not start, see {log}\n{log.read_text()[-1500:]}")
            time.sleep(0.1)
        process.returncode = 0  # `stop` ends the whole session and reaps it

    def _listens(self):
        try:
            return bool(load.fetch(self.port, b"GET / HTTP/1.0\r\n\r\n"))
        except OSError:
            return False

    def stop(self):
        """Stops the server and all processes that it started."""
        if self._pid:
            stop_session(self._pid)
            self._pid = None


def peers():
    """Both servers. They use Odoo's JSON-2 interface with an API key, as do our server and the reference row."""
    return [
        Peer("mcp-server-odoo", [], {
            "ODOO_URL": "{url}", "ODOO_DB": "{database}", "ODOO_API_KEY": "{key}", "ODOO_YOLO": "read",
            "ODOO_RPC_TRANSPORT": "json2", "ODOO_MCP_LOG_LEVEL": "WARNING"}),
        Peer("odoo-mcp", ["--path", "/mcp"], {
            "ODOO_URL": "{url}", "ODOO_DB": "{database}", "ODOO_USERNAME": "{login}", "ODOO_PASSWORD": "{key}",
            "ODOO_API_KEY": "{key}", "ODOO_TRANSPORT": "json2", "ODOO_MCP_LOG_LEVEL": "WARNING"}),
    ]

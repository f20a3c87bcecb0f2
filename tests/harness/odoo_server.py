"""Starts real Odoo servers and single Odoo commands (install, update, shell code) on a cluster of the harness."""

import hashlib
import http.client
import json
import os
import re
import secrets
import shutil
import time

from . import odoo_tree
from .cluster import free_port, port_is_free
from .console import Failure
from .paths import ADDONS, CLOSED_CHECKOUT, LOGS, RUN, TEST_ADDONS, directory, one_at_a_time
from .prerequisites import postgresql_bin
from .process import (
    ODOO_USER,
    children,
    clean_environment,
    command_line,
    run,
    service_user,
    session_members,
    start_detached,
    stop_session,
)

_MARKER = "harness-result:"


def addons_path(*extra):
    """The folders in which Odoo looks for addons. Copies ours when the service user cannot enter the checkout."""
    folders = [ADDONS, *extra]
    if CLOSED_CHECKOUT:
        folders = [_copy(folder) for folder in folders if folder.exists()]
    return [
        odoo_tree.SOURCE / "odoo" / "addons",
        *(folder for folder in folders if any(folder.glob("*/__manifest__.py"))),
    ]


def _copy(folder):
    # The folder is named by its contents and never changes, because servers of other processes read it.
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    digest = hashlib.sha256()
    for path in files:
        digest.update(os.fsencode(path.relative_to(folder)) + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    home = directory(RUN / "addons" / digest.hexdigest()[:16])
    target = home / folder.name
    with one_at_a_time(RUN / "addons" / "lock"):
        if not target.exists():
            partial = home / f"{folder.name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(folder, partial, ignore=shutil.ignore_patterns("__pycache__"))
            partial.rename(target)
    return target


def _environment(extra=None):
    # Odoo calls pg_dump and psql for backups. Their version must be the server's own.
    path = f"{postgresql_bin()}:/usr/local/bin:/usr/bin:/bin"
    # Odoo's user cannot write byte code beside the sources. A shared folder stores it for all servers.
    byte_code = directory(RUN / "byte-code", service_user(ODOO_USER))
    return clean_environment(
        {
            "PATH": path,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(odoo_tree.SOURCE),
            "PYTHONPYCACHEPREFIX": str(byte_code),
            **(extra or {}),
        }
    )


def _config(cluster, name, options, extra_addons=()):
    """Writes a configuration file that only the Odoo user may read. Returns its path."""
    user = service_user(ODOO_USER)
    settings = {
        "db_host": cluster.host,
        "db_port": cluster.port,
        "db_user": "odoo",
        "data_dir": cluster.odoo_data,
        "addons_path": ",".join(map(str, addons_path(*extra_addons))),
        "http_interface": "127.0.0.1",
        "log_level": "info",
        "server_wide_modules": "base,rpc,web",
        **options,
    }
    lines = ["[options]", *(f"{key} = {value}" for key, value in settings.items() if value is not None)]
    folder = directory(cluster.home / "config", user, 0o750)
    file = folder / f"{name}.conf"
    file.write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        shutil.chown(file, user, user)
    file.chmod(0o600)
    return file


class OdooServer:
    """One running Odoo. `workers=0` is the threaded server; 1 or more is the preforking one.

    `database` sets the database (`-d`). With `dbfilter`, the host name selects it. With neither, the server serves
    every database of the cluster. `options` are additional lines of the configuration file.
    """

    def __init__(
        self,
        cluster,
        name="odoo",
        *,
        database=None,
        dbfilter=None,
        workers=2,
        port=None,
        proxy_mode=False,
        options=None,
        environment=None,
        extra_addons=(),
        arguments=(),
    ):
        self.cluster = cluster
        self.name = name
        self.port = port or free_port()
        self.database = database
        self.workers = workers
        self.options = {
            "http_port": self.port,
            "gevent_port": free_port(),
            "workers": workers,
            "max_cron_threads": 0,
            "proxy_mode": proxy_mode,
            "db_name": database,
            "dbfilter": dbfilter,
            "list_db": not database,
            # Used by tests that duplicate, back up and restore through Odoo's own database manager.
            "admin_passwd": "harness-master-password",
            **(options or {}),
        }
        self.environment = dict(environment or {})
        self.extra_addons = tuple(extra_addons)
        self.arguments = list(arguments)
        self.log = directory(LOGS) / f"{cluster.name}-{name}.log"
        self.pid = None

    @property
    def url(self):
        """Base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid_file(self):
        """The file lies beside the cluster, so that a later run can find and stop a forgotten server."""
        return self.cluster.home / f"odoo-{self.name}.pid"

    def start(self, patience=120):
        """Starts the server and waits until it answers."""
        self.stop_leftover()
        if not port_is_free(self.port):
            raise Failure(f"port {self.port} is taken")
        file = _config(self.cluster, self.name, self.options, self.extra_addons)
        self.log.write_text("")
        command = [odoo_tree.python(), odoo_tree.ENTRY, "server", "--config", file, *self.arguments]
        process = start_detached(
            command, user=service_user(ODOO_USER), log=self.log, env=_environment(self.environment)
        )
        self.pid = process.pid
        self.pid_file.write_text(str(self.pid))
        deadline = time.monotonic() + patience
        while not self.answers():
            if process.poll() is not None:
                self.stop()
                raise Failure(f"Odoo ended at start, see {self.log}\n{self.log_text()[-1500:]}")
            if time.monotonic() > deadline:
                self.stop()
                raise Failure(f"Odoo does not answer after {patience} s, see {self.log}")
            time.sleep(0.05)
        # Prevents a wait for the process: a server may outlive this process, and `stop` reaps it.
        process.returncode = 0
        return self

    def answers(self):
        """Whether Odoo answers on its port. The health route needs no database."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            connection.request("GET", "/web/health")
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    def worker_pids(self):
        """Process ids of the HTTP workers (the threaded server is its own worker)."""
        if not self.workers:
            return [self.pid]
        # The long-polling process is a separate program. The log identifies the cron workers.
        cron = {int(pid) for pid in re.findall(r"odoo\.service\.server: Worker WorkerCron \((\d+)\)", self.log_text())}
        return [pid for pid in children(self.pid) if pid not in cron and "gevent" not in command_line(pid)]

    def log_text(self):
        """The complete log since the start."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def running(self):
        """Whether the main process is alive."""
        return bool(self.pid) and str(odoo_tree.python()) in command_line(self.pid)

    def stop(self):
        """Stops the server with all its processes."""
        if self.pid:
            stop_session(self.pid)
            self.pid = None
        self.pid_file.unlink(missing_ok=True)

    def stop_leftover(self):
        """Stops a server of this name that an interrupted run left running."""
        if adopt(self):
            self.stop()

    def restart(self):
        """Stops the server and starts it again on the same port."""
        self.stop()
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def adopt(server):
    """Takes over a running server of that name from an earlier process. Returns whether one existed."""
    try:
        pid = int(server.pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return False
    words = command_line(pid)
    ours = str(odoo_tree.python()) in words and any(str(server.cluster.home) in word for word in words)
    if not ours or pid not in session_members(pid):
        server.pid_file.unlink(missing_ok=True)
        return False
    server.pid = pid
    return True


def stop_leftovers(cluster):
    """Stops every Odoo of a cluster that an interrupted run left running."""
    for file in cluster.home.glob("odoo-*.pid"):
        OdooServer(cluster, file.stem.removeprefix("odoo-")).stop_leftover()


def odoo(
    cluster,
    command,
    database,
    *arguments,
    options=None,
    stdin=None,
    log=None,
    check=True,
    extra_addons=None,
    environment=None,
    timeout=3600,
):
    """Runs one Odoo command (`server`, `shell`, `neutralize`, `i18n export`, …) on a database until it ends."""
    extra_addons = [TEST_ADDONS] if extra_addons is None else extra_addons
    token = secrets.token_hex(4)
    file = _config(cluster, f"run-{token}", {"max_cron_threads": 0, "workers": 0, **(options or {})}, extra_addons)
    where = ("--config", file, "--database", database)
    try:
        return run(
            [odoo_tree.python(), odoo_tree.ENTRY, *command.split(), *where, *arguments],
            user=service_user(ODOO_USER),
            env=_environment(environment),
            stdin=stdin,
            log=log,
            check=check,
            timeout=timeout,
        )
    finally:
        file.unlink(missing_ok=True)


def install(cluster, database, modules, *arguments, log=None, **more):
    """Install modules (creating the database when it does not exist)."""
    return _modules(cluster, database, "--init", modules, arguments, log, more)


def update(cluster, database, modules, *arguments, log=None, **more):
    """Update modules."""
    return _modules(cluster, database, "--update", modules, arguments, log, more)


def run_addon_tests(cluster, database, module, log):
    """Updates a module and runs its own tests. Returns the finished process, whose log has the outcome."""
    # Tests over HTTP need the server, on its own ports.
    options = {"http_port": free_port(), "gevent_port": free_port()}
    tags = ("--test-tags", f"/{module}")
    return odoo(
        cluster,
        "server",
        database,
        "--update",
        module,
        "--stop-after-init",
        *tags,
        log=log,
        check=False,
        options=options,
    )


def _modules(cluster, database, option, modules, arguments, log, more):
    log = log or directory(LOGS) / f"{cluster.name}-{database}-{option.strip('-')}.log"
    done = odoo(
        cluster, "server", database, option, modules, "--stop-after-init", "--no-http", *arguments, log=log, **more
    )
    # Odoo only logs a module that cannot be installed. The exit status stays 0.
    wrong = [
        line
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if re.search(r" (ERROR|CRITICAL) |invalid module names|Some modules are not loaded", line)
    ]
    if wrong and more.get("check", True):
        raise Failure(f"Odoo reports errors, see {log}\n    " + "\n    ".join(wrong[:5]))
    return done


def shell(cluster, database, code, **more):
    """Runs Python with `env` (as superuser) in Odoo's shell, commits, and returns the value of `result`.

    `result` must be JSON. Running servers see the changes at once, because Odoo signals its caches.
    """
    text = (
        f"import json as _json\nresult = None\n{code}\n"
        "env.flush_all()\nenv.registry.signal_changes()\nenv.cr.commit()\n"
        f"print('\\n{_MARKER}' + _json.dumps(result))\n"
    )
    done = odoo(cluster, "shell", database, "--no-http", "--log-level", "warn", stdin=text, **more)
    found = re.search(rf"^{_MARKER}(.*)$", done.stdout, re.M)
    if not found:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise Failure("the snippet failed in Odoo's shell:\n    " + "\n    ".join(said[-15:]))
    return json.loads(found.group(1))

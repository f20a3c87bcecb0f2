"""PostgreSQL clusters of the harness: durable as in production, accessible from this machine only.

A cluster is a directory under the runtime folder with its data, its port and its log. Several processes may use one
cluster at a time. The last process to leave stops it.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import time

from .console import Failure
from .paths import AS_ROOT, LOGS, RUN, SOCKETS, directory
from .prerequisites import postgresql_bin
from .process import ODOO_USER, POSTGRES_USER, clean_environment, command_line, run, send_signal, service_user

# Production settings. None of them trades durability for speed.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # docs/dba.md recommends this: an asynchronous commit reaches the disk sooner.
    "wal_writer_delay": "10ms",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %u@%d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def free_port():
    """A port on loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_free(port):
    """Whether one could listen on that loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Cluster:
    """One PostgreSQL cluster. Later runs find it again by its name.

    `copy_of` names a stopped cluster whose data it copies. `extension` is the packaged tree from which it may load
    extensions (None: a server without the extension's files). `settings` are extra lines of configuration.
    """

    def __init__(self, name, *, copy_of=None, extension=None, settings=None):
        self.name = name
        self.copy_of = copy_of
        self.extension = extension
        self.settings = dict(settings or {})
        self.home = RUN / "clusters" / name
        self.data = self.home / "data"
        self.log = self.home / "postgresql.log"
        self.odoo_data = self.home / "odoo"
        self.user = service_user(POSTGRES_USER)
        self.odoo_user = service_user(ODOO_USER)
        self.port = None
        self._lock = None

    @property
    def host(self):
        """The directory of the Unix socket, which libpq accepts as host."""
        return str(SOCKETS)

    def dsn(self, database="postgres", role="odoo"):
        """A libpq connection string for one of the roles `odoo` and `postgres`."""
        return f"host={self.host} port={self.port} dbname={database} user={role}"

    # -- lifecycle ------------------------------------------------------------------------------

    def start(self):
        """Starts the cluster unless it runs. Creates it first if it does not exist."""
        directory(RUN)
        directory(RUN / "clusters")
        directory(SOCKETS, self.user)
        directory(self.home, self.user)
        with self._exclusive():
            self._hold()
            self._create()
            if self.postmaster():
                self.port = int((self.home / "port").read_text())
                if self._configure():
                    self.reload()
            else:
                self._start_server()
        return self

    def stop(self, before=None):
        """Leaves the cluster. The last process calls `before` and stops the server."""
        if not self._lock:
            return
        with self._exclusive():
            if self._alone():
                if before:
                    before()
                self.shut_down()
        self._lock.close()
        self._lock = None

    def shut_down(self, mode="fast"):
        """Stops the server even if other processes use it. Does nothing when it is not running."""
        pid = self.postmaster()
        if not pid:
            return
        send_signal(pid, {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        deadline = time.monotonic() + 60
        while self.postmaster():
            if time.monotonic() > deadline:
                raise Failure(f"PostgreSQL {pid} of cluster {self.name} did not stop, see {self.log}")
            time.sleep(0.02)

    def reload(self):
        """Makes the server reload its configuration."""
        self.sql("SELECT pg_reload_conf()")

    def restart(self):
        """Stops and starts the server on the same port."""
        self.shut_down()
        self._start_server()

    def crash(self):
        """Ends the server as a power failure would: no checkpoint, and recovery at the next start."""
        self.shut_down("immediate")

    def remove(self):
        """Stops the cluster and deletes its data."""
        self.shut_down()
        shutil.rmtree(self.home, ignore_errors=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def postmaster(self):
        """The process id of the running server, or None. Detects a stale pid file."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        words = command_line(pid)
        return pid if str(self.data) in words else None

    # -- contents -------------------------------------------------------------------------------

    def sql(self, statement, database="postgres", role="postgres"):
        """Runs SQL through psql (one statement, or several without a transaction). Returns rows as tab-separated
        text."""
        command = [
            postgresql_bin("psql"),
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--field-separator=\t",
            "--set=ON_ERROR_STOP=1",
            "--file=-",
            self.dsn(database, role),
        ]
        # As root, psql runs as the service user: peer authentication and file permissions are then those of production.
        return run(command, stdin=statement, user=self.user, env=clean_environment()).stdout.strip()

    def databases(self):
        """Names of all databases except PostgreSQL's own templates."""
        names = self.sql("SELECT datname FROM pg_database WHERE datname NOT IN ('template0', 'template1', 'postgres')")
        return names.split()

    def drop_database(self, name):
        """Drops a database with its connections and its filestore."""
        if name in self.databases():
            self.sql(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
            self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def clone_database(self, template, name):
        """Creates database `name` as a copy of `template`, including the filestore. Replaces an existing one."""
        self.drop_database(name)
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER odoo')
        if self.filestore(template).exists():
            # A file's name is a hash of its contents and the file never changes, so hard links suffice.
            source, target = self.filestore(template), self.filestore(name)
            run(["cp", "--recursive", "--link", source, target], user=self.odoo_user)

    def filestore(self, name):
        """The directory of a database's attachments."""
        return self.odoo_data / "filestore" / name

    # -- internals ------------------------------------------------------------------------------

    def _create(self):
        # A complete data directory has its marker. Otherwise an interrupted run left it.
        marker = self.home / "origin"
        wanted = self.copy_of.identity() if self.copy_of else "new"
        if marker.exists() and marker.read_text() == wanted and self.data.exists():
            return
        self.shut_down()
        for old in (self.data, self.odoo_data, marker):
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
        if self.copy_of:
            for name in ("data", "odoo"):
                run(["cp", "--archive", "--reflink=auto", self.copy_of.home / name, self.home / name])
        else:
            self._initialise()
        directory(self.odoo_data, self.odoo_user, 0o750)
        directory(self.odoo_data / "filestore", self.odoo_user, 0o750)
        marker.write_text(wanted)

    def _initialise(self):
        run(
            [
                postgresql_bin("initdb"),
                "--pgdata",
                self.data,
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
                "--auth=reject",
            ],
            user=self.user,
            env=clean_environment(),
        )
        # On the socket, roles are mapped to operating-system users. TCP needs a password.
        (self.data / "pg_hba.conf").write_text(
            "local all,replication postgres,odoo peer map=harness\n"
            "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        (self.data / "postgresql.conf").write_text("include 'harness.conf'\n")

    def _configure(self):
        # Returns whether anything changed.
        people = dict.fromkeys(["root" if AS_ROOT else self.user, self.user])
        lines = [f"harness {person} {role}" for person in people for role in ("postgres", "odoo")]
        lines += [f"harness {person} odoo" for person in (self.odoo_user,) if person not in people]
        (self.data / "pg_ident.conf").write_text("\n".join(lines) + "\n")
        settings = {**SETTINGS, "port": str(self.port), "unix_socket_directories": str(SOCKETS)}
        if self.extension:
            settings["extension_destdir"] = str(self.extension)
        settings.update(self.settings)
        quoted = ("{} = '{}'".format(name, str(value).replace("'", "''")) for name, value in settings.items())
        text = "\n".join(quoted) + "\n"
        file = self.data / "harness.conf"
        if file.exists() and file.read_text() == text:
            return False
        file.write_text(text)
        for name in ("pg_hba.conf", "pg_ident.conf", "postgresql.conf", "harness.conf"):
            if AS_ROOT:
                shutil.chown(self.data / name, self.user, pwd.getpwnam(self.user).pw_gid)
            (self.data / name).chmod(0o600)
        return True

    def _start_server(self):
        port_file = self.home / "port"
        kept = int(port_file.read_text()) if port_file.exists() else 0
        self.port = kept if kept and port_is_free(kept) else free_port()
        port_file.write_text(str(self.port))
        self._configure()
        directory(LOGS)
        run(
            [
                postgresql_bin("pg_ctl"),
                "start",
                "--wait",
                "--timeout=120",
                "--silent",
                "--pgdata",
                self.data,
                "--log",
                self.log,
            ],
            user=self.user,
            env=clean_environment(),
            timeout=150,
        )
        if not self.sql("SELECT 1 FROM pg_roles WHERE rolname = 'odoo'"):
            self.sql("CREATE ROLE odoo LOGIN CREATEDB NOSUPERUSER NOCREATEROLE")

    def identity(self):
        """Identifies this cluster's contents, so that a copy knows when it is outdated."""
        return (self.home / "contents").read_text()

    def _hold(self):
        # A shared lock means "in use". The system releases it whenever the process ends.
        if not self._lock:
            self._lock = open(self.home / "in-use", "a", encoding="ascii")  # noqa: SIM115
            fcntl.flock(self._lock, fcntl.LOCK_SH)

    def _alone(self):
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    @contextlib.contextmanager
    def _exclusive(self):
        with open(self.home / "starting", "a", encoding="ascii") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def known_clusters():
    """Every cluster of this checkout, running or stopped."""
    names = sorted(os.listdir(RUN / "clusters")) if (RUN / "clusters").exists() else []
    return [Cluster(name) for name in names]

"""Runs programs: to completion, as another user, or detached. Stops them by process id."""

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from .console import Failure
from .paths import AS_ROOT

POSTGRES_USER = "odoo_mcp_pg"
ODOO_USER = "odoo_mcp_odoo"


def service_user(name):
    """The user that a service runs as: as root a dedicated user (created on first use), otherwise the current user."""
    if not AS_ROOT:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        pwd.getpwnam(name)
    except KeyError:
        run(
            [
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                name,
            ]
        )
    return name


def clean_environment(extra=None):
    """A small, known environment for servers.

    RUST_BACKTRACE would put backtraces into error details, and the caller's PG* or ODOO_* variables would change the
    tests.
    """
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        "TZ": "UTC",
    }
    environment.update(extra or {})
    return environment


def identity(user):
    """Arguments for subprocess that make the child run as `user`. Empty for the current user."""
    if user is None or not AS_ROOT or user == "root":
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def run(command, *, user=None, cwd=None, env=None, stdin=None, log=None, check=True, timeout=None):
    """Runs a command to completion and returns the finished process with its output as text.

    With `log` (a path) the output goes to that file. A failure quotes its end.
    """
    command = [str(part) for part in command]
    cwd = cwd or ("/" if user else None)
    options = {"cwd": cwd, "env": env, "timeout": timeout, **identity(user)}
    if stdin is None:
        options["stdin"] = subprocess.DEVNULL
    else:
        options["input"] = stdin
    try:
        if log:
            Path(log).parent.mkdir(parents=True, exist_ok=True)
            with open(log, "w", encoding="utf-8") as output:
                done = subprocess.run(
                    command, check=False, stdout=output, stderr=subprocess.STDOUT, text=True, **options
                )
        else:
            done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    except FileNotFoundError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Failure(f"`{shlex.join(command)}` did not end within {timeout} s") from error
    if check and done.returncode:
        said = Path(log).read_text(encoding="utf-8", errors="replace") if log else done.stdout + done.stderr
        where = f" (full output: {log})" if log else ""
        tail = "\n    ".join(said.strip().splitlines()[-15:])
        raise Failure(f"`{shlex.join(command)}` ended with status {done.returncode}{where}\n    {tail}")
    return done


def watch(command, *, env=None, cwd=None, patience=120):
    """Runs a long command on this terminal and returns its status. On SIGTERM, waits for its cleanup."""
    child = subprocess.Popen([str(part) for part in command], env=env, cwd=cwd)
    try:
        return child.wait()
    except BaseException:
        child.terminate()
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
        raise


def start_detached(command, *, user, log, env, cwd="/"):
    """Starts a server in its own session, with its output appended to `log`. Returns the Popen."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
            close_fds=True,
            **identity(user),
        )


def command_line(pid):
    """The arguments of a running process. An empty list for a zombie or a process that ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def children(pid):
    """Process ids of the direct children of a process."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return sorted(int(child) for task in tasks for child in (task / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        return []


def session_members(session):
    """Process ids of all running processes in a session (the process from `start_detached` and its descendants)."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                members.append(int(entry.name))
    return members


def send_signal(pid, number):
    """Signals one process. Ignores a process that has ended."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def stop_session(leader, patience=10):
    """Ends a detached server: signals its leader, waits, then kills the rest of its session."""
    send_signal(leader, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        reap(leader)
        if not session_members(leader):
            return
        time.sleep(0.05)
    for pid in session_members(leader):
        send_signal(pid, signal.SIGKILL)
    while session_members(leader):
        reap(leader)
        time.sleep(0.02)


def reap(pid):
    """Collects an ended child, so that no zombie remains. Ignores processes that are not children."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def as_administrator(command):
    """The command with root rights: unchanged, or through sudo."""
    if AS_ROOT:
        return command
    if not shutil.which("sudo"):
        raise Failure(f"not root and no sudo: run once as root: {shlex.join(command)}")
    if not sys.stdin.isatty() and run(["sudo", "--non-interactive", "true"], check=False).returncode:
        raise Failure(f"sudo asks for a password and there is no terminal: run once as root: {shlex.join(command)}")
    return ["sudo", *command]

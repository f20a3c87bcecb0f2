"""The paths that the harness uses: checkout, cache and runtime data.

The harness writes to only three places: the cache (independent of the checkout), the build folder and, when an
unprivileged service user could not enter the checkout, a folder under /var/tmp.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build"
TARGET = CHECKOUT / "target"
ADDONS = CHECKOUT / "odoo_addon"
TEST_ADDONS = CHECKOUT / "tests" / "addons"

# sun_path holds 107 bytes and a terminator. The socket's own name takes up to 15.
SOCKET_DIRECTORY_LIMIT = 107 - len("/.s.PGSQL.65535")

AS_ROOT = os.geteuid() == 0

# Services run as other users and read these files, whatever the caller's umask.
os.umask(0o022)


def enterable_by_others(path):
    """Whether any user may traverse every directory down to the path."""
    path = Path(path)
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents) if part.exists())


def _outside():
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"odoo_mcp-{digest}"


# As root, services run as other users, which must be able to enter the tree.
CLOSED_CHECKOUT = AS_ROOT and not enterable_by_others(CHECKOUT)


def _cache():
    named = os.environ.get("ODOO_MCP_CACHE")
    if named:
        return Path(named).resolve()
    return (_outside() if CLOSED_CHECKOUT else BUILD) / "cache"


def _run():
    run = BUILD / "run"
    if CLOSED_CHECKOUT or len(str(run / "socket").encode()) > SOCKET_DIRECTORY_LIMIT:
        run = _outside() / "run"
    return run


CACHE = _cache()
RUN = _run()
LOGS = BUILD / "logs"
SOCKETS = RUN / "socket"


@contextlib.contextmanager
def one_at_a_time(path):
    """Holds the lock file `path` for the duration of a block. Other processes wait."""
    with open(path, "a", encoding="ascii") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def directory(path, owner=None, mode=0o755):
    """Creates a directory (and its parents). As root, gives it to the user `owner`."""
    path = Path(path)
    path.mkdir(parents=True, exist_ok=True)
    if owner and AS_ROOT:
        user = pwd.getpwnam(owner)
        os.chown(path, user.pw_uid, user.pw_gid)
        path.chmod(mode)
    elif path.stat().st_uid == os.geteuid():
        path.chmod(mode)
    return path

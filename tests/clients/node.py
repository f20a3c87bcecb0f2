"""The packages of the Node clients."""

from pathlib import Path

from harness import npm

HERE = Path(__file__).parent


def home():
    """The folder with the packages. Installs missing ones."""
    return npm.ensure_packages(HERE, "npm-clients")


def program(script):
    """The command that runs a script of one of the packages, as a list."""
    folder = home()
    return [str(npm.node(folder)), str(folder / "node_modules" / script)]

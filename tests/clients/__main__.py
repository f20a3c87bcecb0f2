"""Have every client: python -m clients installs and builds what is missing."""

from . import node, rust_client

node.home()
rust_client.build()

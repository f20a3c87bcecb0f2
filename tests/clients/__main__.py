"""python -m clients installs and builds the missing clients."""

from . import node, rust_client

node.home()
rust_client.build()

"""mcp-remote lets clients that can only start programs use a remote server. The official Python SDK drives it."""

import asyncio
import tempfile

from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client

from . import node
from .python_clients import with_transport

_PATIENCE = 60


def converse(_sdk, era, url, token, steps):
    """Holds the conversation over standard input and output (see the package)."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as said:
        command, *arguments = [
            *node.program("mcp-remote/dist/proxy.js"),
            url,
            "--header",
            f"Authorization: Bearer {token}",
            "--transport",
            "http-only",
            "--allow-http",
        ]
        # It stores data about servers in a folder of the user.
        environment = {"MCP_REMOTE_CONFIG_DIR": folder, "HOME": folder}
        program = StdioServerParameters(command=command, args=arguments, env=environment)
        talk = with_transport(stdio_client(program, errlog=said), era, "mcp-remote", steps)
        try:
            return asyncio.run(asyncio.wait_for(talk, _PATIENCE))
        except BaseException as error:
            said.seek(0)
            error.add_note(said.read()[-2000:])
            raise

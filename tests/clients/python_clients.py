"""The official Python SDK and fastmcp, in every era they speak."""

import asyncio
import json
from importlib.metadata import version

import httpx2
from fastmcp import Client as FastClient
from fastmcp.client.transports import StreamableHttpTransport
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import Implementation

_PATIENCE = 60


class _Watched(httpx2.AsyncHTTPTransport):
    # Notes the JSON-RPC methods sent; spoils structured results when asked to.

    def __init__(self, methods, spoil):
        super().__init__()
        self.methods = methods
        self.spoil = spoil

    async def handle_async_request(self, request):
        method = json.loads(request.content).get("method") if request.content else None
        if method:
            self.methods.append(method)
        answer = await super().handle_async_request(request)
        if not self.spoil or method != "tools/call" or "json" not in answer.headers["content-type"]:
            return answer
        message = json.loads(await answer.aread())
        if message.get("result", {}).get("structuredContent"):
            message["result"]["structuredContent"].pop("columns", None)
        headers = {name: value for name, value in answer.headers.items()
                   if name not in ("content-length", "content-encoding")}
        return httpx2.Response(answer.status_code, headers=headers, content=json.dumps(message).encode())


def converse(sdk, era, url, token, calls, *, spoil=False):
    """Hold the conversation with one of the two; see the package."""
    methods = []

    def http_client(headers=None, **_options):
        wanted = {"Authorization": f"Bearer {token}", **(headers or {})}
        return httpx2.AsyncClient(headers=wanted, transport=_Watched(methods, spoil), timeout=_PATIENCE)

    talk = _with_sdk(era, url, calls, http_client) if sdk == "python" else _with_fastmcp(era, url, calls, http_client)
    return {**asyncio.run(asyncio.wait_for(talk, _PATIENCE)), "methods": methods}


async def _with_sdk(era, url, calls, http_client):
    me = Implementation(name="python-sdk", version=version("mcp"))
    async with (http_client() as http,
                Client(streamable_http_client(url, http_client=http), mode=era, client_info=me) as client):
        return await _talk(client, client.list_tools, client.call_tool, calls)


async def _with_fastmcp(era, url, calls, http_client):
    me = Implementation(name="fastmcp", version=version("fastmcp"))
    transport = StreamableHttpTransport(url, httpx_client_factory=http_client)
    async with FastClient(transport, mode=era, client_info=me) as client:
        # `call_tool` turns a failed call into an exception; what the server said is what is tested.
        return await _talk(client, client.list_tools_mcp, client.call_tool_mcp, calls)


async def _talk(client, list_tools, call_tool, calls):
    listed = await list_tools()
    results = [await _attempt(call_tool, call) for call in calls]
    info = client.server_info
    return {"version": client.protocol_version, "instructions": client.instructions,
            "server": info and info.model_dump(mode="json", by_alias=True, exclude_none=True),
            "capabilities": client.server_capabilities.model_dump(mode="json", by_alias=True, exclude_none=True),
            "tools": [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed.tools],
            "results": results}


async def _attempt(call_tool, call):
    try:
        result = await call_tool(call["name"], call["arguments"])
    except MCPError as error:
        return {"error": {"code": error.code, "message": error.message}}
    except RuntimeError as error:  # what the SDK raises for a result that breaks the output schema
        return {"error": {"code": None, "message": str(error)}}
    return {"isError": result.is_error is True, "structured": result.structured_content,
            "content": [part.model_dump(mode="json", by_alias=True, exclude_none=True) for part in result.content]}

"""The official Python SDK and fastmcp, in every era that they support."""

import asyncio
import json
from importlib.metadata import version

import httpx2
from fastmcp import Client as FastClient
from fastmcp.client.elicitation import ElicitResult as FastElicitResult
from fastmcp.client.transports import StreamableHttpTransport
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitResult, Implementation, PromptReference, ResourceTemplateReference

# The answer of the clients' user.
AGREED = {"ok": True}
_PATIENCE = 60


class _Watched(httpx2.AsyncHTTPTransport):
    # Records the JSON-RPC methods that the client sends. Corrupts structured results on request.

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
        headers = {
            name: value for name, value in answer.headers.items() if name not in ("content-length", "content-encoding")
        }
        return httpx2.Response(answer.status_code, headers=headers, content=json.dumps(message).encode())


def converse(sdk, era, url, token, steps, *, spoil=False):
    """Holds the conversation with one of the two (see the package)."""
    methods = []

    def http_client(headers=None, **_options):
        wanted = {"Authorization": f"Bearer {token}", **(headers or {})}
        return httpx2.AsyncClient(headers=wanted, transport=_Watched(methods, spoil), timeout=_PATIENCE)

    talk = _with_sdk(era, url, steps, http_client) if sdk == "python" else _with_fastmcp(era, url, steps, http_client)
    return {**asyncio.run(asyncio.wait_for(talk, _PATIENCE)), "methods": methods}


async def _agree(_context, _params):
    return ElicitResult(action="accept", content=AGREED)


async def _agree_to_fastmcp(_message, _kind, _params, _context):
    return FastElicitResult(action="accept", content=AGREED)


async def _with_sdk(era, url, steps, http_client):
    async with http_client() as http:
        return await with_transport(streamable_http_client(url, http_client=http), era, "python-sdk", steps)


async def with_transport(transport, era, name, steps):
    """The conversation of the official SDK over any transport, with the given client name."""
    me = Implementation(name=name, version=version("mcp"))
    async with Client(transport, mode=era, client_info=me, elicitation_callback=_agree) as client:
        return await _talk(client, "", steps)


async def _with_fastmcp(era, url, steps, http_client):
    me = Implementation(name="fastmcp", version=version("fastmcp"))
    transport = StreamableHttpTransport(url, httpx_client_factory=http_client)
    async with FastClient(transport, mode=era, client_info=me, elicitation_handler=_agree_to_fastmcp) as client:
        # The tests need the server's original result, which the other methods convert.
        return await _talk(client, "_mcp", steps)


def _json(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def _talk(client, suffix, steps):
    def method(name):
        return getattr(client, name + suffix)

    listed = await method("list_tools")()
    results = [await _attempt(method, dict(step)) for step in steps]
    info = client.server_info
    return {
        "version": client.protocol_version,
        "instructions": client.instructions,
        "server": info and _json(info),
        "capabilities": _json(client.server_capabilities),
        "tools": [_json(tool) for tool in listed.tools],
        "results": results,
    }


async def _attempt(method, step):
    try:
        return await _take(method, step.pop("do"), **step)
    except MCPError as error:
        return {"error": {"code": error.code, "message": error.message}}
    except RuntimeError as error:  # the SDK raises it for a result that breaks the output schema
        return {"error": {"code": None, "message": str(error)}}


async def _take(method, do, **params):
    if do == "tools/call":
        result = await method("call_tool")(params["name"], params["arguments"])
        return {
            "isError": result.is_error is True,
            "structured": result.structured_content,
            "content": [_json(part) for part in result.content],
        }
    if do == "completion/complete":
        kinds = {"ref/prompt": PromptReference, "ref/resource": ResourceTemplateReference}
        reference = kinds[params["ref"]["type"]].model_validate(params["ref"])
        complete = method("complete")
        return _json(await complete(reference, params["argument"]))
    names = {
        "resources/list": "list_resources",
        "resources/templates/list": "list_resource_templates",
        "resources/read": "read_resource",
        "prompts/list": "list_prompts",
        "prompts/get": "get_prompt",
    }
    return _json(await method(names[do])(*params.values()))

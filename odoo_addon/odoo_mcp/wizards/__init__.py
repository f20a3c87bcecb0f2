from . import mcp_connect, mcp_key_create, mcp_key_show

from . import mcp_resource, mcp_test_item, mcp_tool

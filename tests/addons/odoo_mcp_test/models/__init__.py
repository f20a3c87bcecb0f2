from . import mcp_test_item, mcp_tool

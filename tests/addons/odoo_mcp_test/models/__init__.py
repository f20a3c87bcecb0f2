from . import mcp_prompt, mcp_test_item, mcp_tool

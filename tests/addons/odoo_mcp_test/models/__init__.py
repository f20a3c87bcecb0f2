from . import mcp_prompt, mcp_resource, mcp_test_item, mcp_tool, mcp_content, mcp_example

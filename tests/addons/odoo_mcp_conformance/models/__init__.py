from . import mcp_prompt, mcp_resource, mcp_tool, mcp_tool_inputs

from . import (
    mcp_content,
    mcp_example,
    mcp_prompt,
    mcp_resource,
    mcp_test_item,
    mcp_test_moment,
    mcp_test_trial,
    mcp_tool,
    res_partner,
)

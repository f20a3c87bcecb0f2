from . import (
    test_credentials,
    test_errors,
    test_hooks,
    test_json_values,
    test_mcp_prompt,
    test_mcp_prompt_access,
    test_mcp_resource,
    test_mcp_resource_methods,
    test_mcp_tool,
    test_methods,
    test_security,
    test_settings,
)

from . import mcp_guarded_mixin
from . import mcp_policy_rule

# isort: split
from . import (
    ir_actions,
    ir_config_parameter,
    ir_model_fields,
    ir_ui_view,
    mcp_access,
    mcp_access_closed,
    mcp_audit_log,
    mcp_audit_seal,
    mcp_dry_run_method,
    mcp_key_scope,
    mcp_lockout,
    mcp_prompt,
    mcp_prompt_lines,
    mcp_prompt_methods,
    mcp_resource,
    mcp_resource_methods,
    mcp_session,
    mcp_stat_call,
    mcp_tool,
    mcp_tool_files,
    mcp_tool_methods,
    res_config_settings,
    res_partner,
    res_users,
    res_users_apikeys,
)

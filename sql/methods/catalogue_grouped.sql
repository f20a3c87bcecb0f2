-- Whether any tool or resource is restricted to groups.
SELECT (EXISTS (SELECT FROM public.mcp_tool_group_rel) OR EXISTS (SELECT FROM public.mcp_resource_group_rel))::text

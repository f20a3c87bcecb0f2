-- Whether the user is in one of the addon's groups, directly or by implication. Odoo 19 stores only explicit
-- memberships. Earlier versions store the closure, to which this adds nothing. $1 user id
WITH RECURSIVE implying AS (
    SELECT d.res_id AS id
    FROM public.ir_model_data d
    WHERE d.module = 'odoo_mcp' AND d.model = 'res.groups'
      AND d.name IN ('group_mcp_user', 'group_mcp_administrator')
    UNION
    SELECT r.gid FROM implying i JOIN public.res_groups_implied_rel r ON r.hid = i.id
)
SELECT (EXISTS (SELECT FROM implying i JOIN public.res_groups_users_rel g ON g.gid = i.id AND g.uid = $1::int))::text

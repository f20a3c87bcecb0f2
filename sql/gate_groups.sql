-- Which groups of this addon the user holds. Odoo 19 stores only explicit memberships; before, the closure was stored,
-- and this adds none. $1 user id
WITH RECURSIVE implying AS (
    SELECT d.res_id AS id, d.name
    FROM public.ir_model_data d
    WHERE d.module = 'odoo_mcp' AND d.model = 'res.groups'
      AND d.name IN ('group_mcp_user', 'group_mcp_administrator')
    UNION
    SELECT r.gid, i.name FROM implying i JOIN public.res_groups_implied_rel r ON r.hid = i.id
)
SELECT coalesce(pg_catalog.json_agg(DISTINCT i.name), '[]')::text
FROM implying i JOIN public.res_groups_users_rel g ON g.gid = i.id AND g.uid = $1::int

-- The user whose password was proven, and which of this addon's groups they hold. $1 user id, $2 names of the fields that
-- Odoo's session token depends on (JSON list)
WITH RECURSIVE implying AS (
    SELECT d.res_id AS id, d.name
    FROM public.ir_model_data d
    WHERE d.module = 'odoo_mcp' AND d.model = 'res.groups'
      AND d.name IN ('group_mcp_user', 'group_mcp_administrator')
    UNION
    SELECT r.gid, i.name FROM implying i JOIN public.res_groups_implied_rel r ON r.hid = i.id
)
SELECT pg_catalog.json_build_object(
    'id', u.id, 'login', u.login, 'active', u.active,
    'digest', (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                   pg_catalog.jsonb_object_agg(f.key, f.value)::text, 'UTF8')), 'hex')
               FROM pg_catalog.jsonb_each(pg_catalog.to_jsonb(u)) f
               WHERE f.key IN (SELECT pg_catalog.jsonb_array_elements_text($2::jsonb))),
    'groups', (SELECT coalesce(pg_catalog.json_agg(DISTINCT i.name), '[]')
               FROM implying i JOIN public.res_groups_users_rel g ON g.gid = i.id AND g.uid = u.id))::text
FROM public.res_users u
WHERE u.id = $1::int

-- The user whose password was verified. $1 user id, $2 names of the fields that Odoo's session token depends on (JSON
-- list)
SELECT pg_catalog.json_build_object(
    'id', u.id, 'login', u.login, 'active', u.active,
    'digest', (SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
                   pg_catalog.jsonb_object_agg(f.key, f.value)::text, 'UTF8')), 'hex')
               FROM pg_catalog.jsonb_each(pg_catalog.to_jsonb(u)) f
               WHERE f.key IN (SELECT pg_catalog.jsonb_array_elements_text($2::jsonb))))::text
FROM public.res_users u
WHERE u.id = $1::int

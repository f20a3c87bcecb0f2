-- Usable API keys with this index and their owners. $1 key index
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'id', k.id, 'name', k.name, 'scope', k.scope, 'hash', k.key,
           'digest', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(k.key, 'UTF8')), 'hex'),
           'user', pg_catalog.json_build_object('id', u.id, 'login', u.login, 'active', u.active))), '[]')::text
FROM public.res_users_apikeys k JOIN public.res_users u ON u.id = k.user_id
WHERE k.index = $1
  AND (k.scope IS NULL OR k.scope IN ('rpc', 'mcp'))
  -- the column exists from Odoo 18 on
  AND coalesce((pg_catalog.to_jsonb(k) ->> 'expiration_date')::timestamp
               >= pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), true)

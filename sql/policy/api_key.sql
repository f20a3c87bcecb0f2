-- An API key by its id, without its secret. $1 id
SELECT pg_catalog.json_build_object(
    'user_id', k.user_id, 'scope', k.scope,
    'expired', coalesce((pg_catalog.to_jsonb(k) ->> 'expiration_date')::timestamp
                        < pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), false))::text
FROM public.res_users_apikeys k
WHERE k.id = $1::int

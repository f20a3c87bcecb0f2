-- System parameters by name. $1 their names (JSON list)
SELECT coalesce(pg_catalog.json_object_agg(p.key, p.value), '{}')::text
FROM public.ir_config_parameter p
WHERE p.key IN (SELECT pg_catalog.jsonb_array_elements_text($1::jsonb))

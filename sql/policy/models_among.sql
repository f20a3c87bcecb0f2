-- Those of the given names that are names of models. $1 names (JSON list)
SELECT coalesce(pg_catalog.json_agg(m.model ORDER BY m.model), '[]')::text
FROM public.ir_model m
WHERE m.model IN (SELECT n.value FROM pg_catalog.jsonb_array_elements_text($1::jsonb) n)

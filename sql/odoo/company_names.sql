-- Names of companies, in the order of the given ids. $1 ids (JSON list)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(c.id, c.name) ORDER BY i.place), '[]')::text
FROM pg_catalog.jsonb_array_elements_text($1::jsonb) WITH ORDINALITY AS i (id, place)
JOIN public.res_company c ON c.id = i.id::int

-- Codes of the active languages
SELECT coalesce(pg_catalog.json_agg(l.code ORDER BY l.code), '[]')::text FROM public.res_lang l WHERE l.active

-- The messages of a prompt, in order; images as base64 text. $1 prompt id
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'role', m.role, 'kind', m.kind, 'text', m.text, 'uri', nullif(m.uri, ''),
           'image', pg_catalog.encode(m.image, 'escape'), 'image_mimetype', nullif(m.image_mimetype, ''))
           ORDER BY m.sequence, m.id), '[]')::text
FROM public.mcp_prompt_message m
WHERE m.prompt_id = $1::int

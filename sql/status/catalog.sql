-- Versions, and missing columns among those that the core uses. $1 an object of lists: columns by table
SELECT pg_catalog.json_build_object(
    'extension', (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'odoo_mcp'),
    'postgresql', pg_catalog.current_setting('server_version'),
    'standby', pg_catalog.pg_is_in_recovery(),
    'missing', (SELECT coalesce(pg_catalog.json_agg(t.key || '.' || c.name ORDER BY t.key, c.name), '[]')
                FROM pg_catalog.jsonb_each($1::jsonb) t,
                     pg_catalog.jsonb_array_elements_text(t.value) AS c(name)
                WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                                  WHERE a.attrelid = pg_catalog.to_regclass('public.' || t.key)
                                    AND a.attname = c.name AND NOT a.attisdropped)))::text

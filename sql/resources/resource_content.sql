-- The content of a static text or binary resource. The ORM stores binary data as base64, possibly in lines. $1 id of
-- the resource, $2 whether it is text (true) or binary (false)
SELECT CASE WHEN $2::boolean THEN coalesce(r.text, '')
            ELSE pg_catalog.translate(pg_catalog.convert_from(r.data, 'SQL_ASCII'), E' \n\r\t', '') END
FROM public.mcp_resource r
WHERE r.id = $1::int

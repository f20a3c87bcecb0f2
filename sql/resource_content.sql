-- What a resource of static text or static binary data holds. The ORM keeps binary data as base64, perhaps in lines.
-- $1 id of the resource, $2 whether it is text (true) or binary (false)
SELECT CASE WHEN $2::boolean THEN coalesce(r.text, '')
            ELSE pg_catalog.translate(pg_catalog.convert_from(r.data, 'SQL_ASCII'), E' \n\r\t', '') END
FROM public.mcp_resource r
WHERE r.id = $1::int

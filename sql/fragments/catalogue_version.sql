-- The catalogue version: a text that changes with the settings, the tools, the resources and the access policy
-- (catalogue.sql of the addon). The next text continues the statement.
WITH catalogue AS (
    SELECT pg_catalog.concat_ws(':', pg_catalog.count(*), pg_catalog.sum(v.id), pg_catalog.max(v.id),
                                pg_catalog.max(v.tableoid)) AS version
    FROM public.mcp_catalogue v
)

-- Follows fragments/held_groups.sql.
-- Models with a table of their own that the user may read by Odoo's access rights (ir.model.access: additive, and a row
-- without a group applies to everybody). $1 user id, $2 language
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(
           m.model, coalesce(m.name ->> $2, m.name ->> 'en_US', m.model)) ORDER BY m.model), '[]')::text
FROM public.ir_model m
WHERE m.transient IS NOT TRUE
  AND EXISTS (SELECT FROM public.ir_model_access a
              WHERE a.model_id = m.id AND a.active AND a.perm_read
                AND (a.group_id IS NULL OR a.group_id IN (SELECT h.id FROM held h)))
  AND pg_catalog.to_regclass('public.' || pg_catalog.quote_ident(pg_catalog.replace(m.model, '.', '_'))) IS NOT NULL

-- Follows fragments/held_groups.sql.
-- Odoo's access rights of a user (ir.model.access: additive, never denying): whether they allow an operation, the
-- groups that grant it, and the record rules that apply. $1 user id, $2 model, $3 operation
,
granting AS (
    SELECT a.group_id FROM public.ir_model_access a JOIN public.ir_model m ON m.id = a.model_id
    WHERE m.model = $2 AND a.active
      AND CASE $3 WHEN 'read' THEN a.perm_read WHEN 'write' THEN a.perm_write
                  WHEN 'create' THEN a.perm_create WHEN 'unlink' THEN a.perm_unlink END
)
SELECT pg_catalog.json_build_object(
    'allowed', EXISTS (SELECT FROM granting g WHERE g.group_id IS NULL OR g.group_id IN (SELECT h.id FROM held h)),
    'groups', (SELECT coalesce(pg_catalog.json_agg(DISTINCT coalesce(g.name ->> 'en_US', g.name::text)), '[]')
               FROM granting x JOIN public.res_groups g ON g.id = x.group_id),
    'rules', (SELECT coalesce(pg_catalog.json_agg(r.name ORDER BY r.id), '[]')
              FROM public.ir_rule r JOIN public.ir_model m ON m.id = r.model_id
              WHERE m.model = $2 AND r.active
                AND CASE $3 WHEN 'read' THEN r.perm_read WHEN 'write' THEN r.perm_write
                            WHEN 'create' THEN r.perm_create WHEN 'unlink' THEN r.perm_unlink END
                AND (NOT EXISTS (SELECT FROM public.rule_group_rel x WHERE x.rule_group_id = r.id)
                     OR EXISTS (SELECT FROM public.rule_group_rel x JOIN held h ON h.id = x.group_id
                                WHERE x.rule_group_id = r.id))))::text

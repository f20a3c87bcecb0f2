-- Follows fragments/held_groups.sql.
-- Prompts that the user may see, in order: global ones without groups or with one of the user's groups, and the user's
-- own. A prompt that needs models is omitted unless all of them exist and Odoo's model access lets the user read them.
-- A personal prompt with the name of a global one gets the prefix `my.`, so that neither hides the other.
-- $1 user id, $2 name as clients know it, or null for all, $3 key to start after, as JSON [sequence, name, id], or
-- null, $4 maximum number, or null for all
,
-- Separate queries, so that other users' prompts do not slow down a user's list.
mine AS MATERIALIZED (
    SELECT p.* FROM public.mcp_prompt p WHERE p.active AND (p.user_id = $1::int OR p.user_id IS NULL)
),
visible AS (
    SELECT p.id, coalesce(p.sequence, 0) AS sequence, p.title, p.description, p.method,
           (CASE WHEN p.user_id IS NOT NULL AND p.name IN (SELECT o.name FROM mine o WHERE o.user_id IS NULL)
                 THEN 'my.' || p.name ELSE p.name END) COLLATE "C" AS name
    FROM mine p
    WHERE (p.user_id IS NOT NULL
           OR NOT EXISTS (SELECT FROM public.mcp_prompt_group_rel r WHERE r.prompt_id = p.id)
           OR EXISTS (SELECT FROM public.mcp_prompt_group_rel r JOIN held h ON h.id = r.group_id
                      WHERE r.prompt_id = p.id))
      AND NOT EXISTS (
          SELECT FROM pg_catalog.regexp_split_to_table(coalesce(p.required_models, ''), '[\s,]+') AS needed (model)
          WHERE needed.model <> ''
            AND NOT EXISTS (SELECT FROM public.ir_model m JOIN public.ir_model_access a ON a.model_id = m.id
                            WHERE m.model = needed.model AND a.active AND a.perm_read
                              AND (a.group_id IS NULL OR a.group_id IN (SELECT h.id FROM held h))))
),
page AS (
    SELECT * FROM visible v
    WHERE ($2 IS NULL OR v.name = $2)
      AND ($3 IS NULL OR (v.sequence, v.name, v.id)
                         > (($3::jsonb ->> 0)::bigint, ($3::jsonb ->> 1) COLLATE "C", ($3::jsonb ->> 2)::bigint))
    ORDER BY v.sequence, v.name, v.id
    LIMIT $4::bigint
)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'id', p.id, 'sequence', p.sequence, 'name', p.name, 'title', nullif(p.title, ''),
           'description', nullif(p.description, ''), 'method', nullif(p.method, ''),
           'arguments', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                             'name', a.name, 'title', nullif(a.title, ''), 'description', nullif(a.description, ''),
                             'required', coalesce(a.required, false), 'completion', nullif(a.completion, ''),
                             'completion_values', a.completion_values, 'completion_model', nullif(a.completion_model, ''),
                             'completion_argument', nullif(a.completion_argument, ''))
                             ORDER BY a.sequence, a.id), '[]')
                         FROM public.mcp_prompt_argument a WHERE a.prompt_id = p.id))
           ORDER BY p.sequence, p.name, p.id), '[]')::text
FROM page p

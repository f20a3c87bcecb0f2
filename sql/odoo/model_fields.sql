-- A model and some of its fields, as in model.sql but without labels. $1 model, $2 language, $3 field names (JSON list)
SELECT pg_catalog.json_build_object(
    'model', m.model, 'order', m."order",
    'name', coalesce(m.name ->> $2, m.name ->> 'en_US', m.model),
    'fields', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                   'name', f.name, 'ttype', f.ttype, 'relation', f.relation, 'store', coalesce(f.store, false),
                   'required', coalesce(f.required, false), 'readonly', coalesce(f.readonly, false),
                   'searchable', coalesce(f.selectable, false))), '[]')
               FROM pg_catalog.jsonb_array_elements_text($3::jsonb) AS wanted(name)
               JOIN public.ir_model_fields f ON f.model = m.model AND f.name = wanted.name))::text
FROM public.ir_model m
WHERE m.model = $1

-- A model and its fields, as reflected in Odoo's tables. $1 model, $2 language
SELECT pg_catalog.json_build_object(
    'model', m.model, 'order', m."order",
    'name', coalesce(m.name ->> $2, m.name ->> 'en_US', m.model),
    'fields', (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                   'name', f.name, 'ttype', f.ttype, 'relation', f.relation, 'store', coalesce(f.store, false),
                   'required', coalesce(f.required, false), 'readonly', coalesce(f.readonly, false),
                   'searchable', coalesce(f.selectable, false),
                   'label', coalesce(f.field_description ->> $2, f.field_description ->> 'en_US', f.name))
                   ORDER BY f.name), '[]')
               FROM public.ir_model_fields f
               WHERE f.model_id = m.id))::text
FROM public.ir_model m
WHERE m.model = $1

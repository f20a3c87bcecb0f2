-- The stored values of a selection field with their labels; none if a method returns the values. $1 model, $2 field, $3
-- language
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(
           s.value, coalesce(s.name ->> $3, s.name ->> 'en_US', s.value)) ORDER BY s.sequence, s.id), '[]')::text
FROM public.ir_model_fields_selection s
JOIN public.ir_model_fields f ON f.id = s.field_id
WHERE f.model = $1 AND f.name = $2 AND f.ttype = 'selection'

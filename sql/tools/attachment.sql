-- The model that a file is attached to (null: none), and whether the file is the value of a field. Returns null when
-- there is no such file. $1 id of the attachment
SELECT coalesce(
    (SELECT pg_catalog.json_build_object('model', a.res_model, 'of_field', a.res_field IS NOT NULL)::text
     FROM public.ir_attachment a WHERE a.id = $1::int),
    'null')

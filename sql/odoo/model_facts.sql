-- The facts about models that the addon exports (mcp_model_fact): a list of [kind, model, field, other]
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(f.kind, f.model, f.field, f.other)
                                    ORDER BY f.kind, f.model, f.field, f.other), '[]')::text
FROM public.mcp_model_fact f

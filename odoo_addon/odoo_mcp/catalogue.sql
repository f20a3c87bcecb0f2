-- The version of the catalogue of tools and resources: whoever changes one of them counts it up in the same transaction, so
-- that one number tells the database core whether lists that it keeps are still true. Repeatable.
CREATE TABLE IF NOT EXISTS public.mcp_catalogue (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    version bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO public.mcp_catalogue (version) VALUES (1) ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION public.mcp_catalogue_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.mcp_catalogue SET version = version + 1;
    RETURN NULL;
END $$;

-- Odoo makes these tables one after the other; the last to come finds them all.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['mcp_tool', 'mcp_tool_group_rel', 'mcp_resource', 'mcp_resource_group_rel'] LOOP
        IF pg_catalog.to_regclass('public.' || name) IS NOT NULL THEN
            EXECUTE pg_catalog.format(
                'CREATE OR REPLACE TRIGGER mcp_catalogue_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.%I '
                'FOR EACH STATEMENT EXECUTE FUNCTION public.mcp_catalogue_changed()', name);
        END IF;
    END LOOP;
END $$;

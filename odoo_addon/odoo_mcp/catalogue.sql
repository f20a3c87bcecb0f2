-- Changes of the catalogue of tools and resources: whoever changes one of them adds a row in the same transaction, so that the
-- rows one sees tell the database core whether lists that it keeps are still true. Rows of one's own, so that nobody waits
-- for another's transaction; maintenance makes one of many. Repeatable.
CREATE TABLE IF NOT EXISTS public.mcp_catalogue (
    id bigserial PRIMARY KEY
);

CREATE OR REPLACE FUNCTION public.mcp_catalogue_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.mcp_catalogue DEFAULT VALUES;
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

-- Version of the catalogue of tools and resources. A transaction that changes one of them inserts a row, and the visible
-- rows are the version by which the extension's caches are keyed. Each transaction inserts its own row, so none waits for
-- another; maintenance merges them. The file may be run again.
CREATE TABLE IF NOT EXISTS public.mcp_catalogue (
    id bigserial PRIMARY KEY
);

CREATE OR REPLACE FUNCTION public.mcp_catalogue_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.mcp_catalogue DEFAULT VALUES;
    RETURN NULL;
END $$;

-- Odoo creates these tables one after the other. The last call of this block finds all of them.
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

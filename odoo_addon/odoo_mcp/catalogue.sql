-- The catalogue version. The caches of the extension depend on settings, tools, resources and the access policy. A
-- transaction that changes one of these inserts a row. The visible rows together are the version. Each transaction
-- inserts its own row, so none waits for another; maintenance merges the rows. Each statement is repeatable.
CREATE TABLE IF NOT EXISTS public.mcp_catalogue (
    id bigserial PRIMARY KEY
);

-- With its owner's rights: another role may write Odoo's tables without any right on this one.
CREATE OR REPLACE FUNCTION public.mcp_catalogue_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.mcp_catalogue DEFAULT VALUES;
    RETURN NULL;
END $$;

-- Odoo creates the tables of the addon one after the other, and runs this block several times. The last run finds all
-- tables.
DO $$
DECLARE
    name text;
    events text;
BEGIN
    FOR name, events IN
        SELECT watched.name, 'INSERT OR UPDATE OR DELETE OR TRUNCATE'
        FROM pg_catalog.unnest(ARRAY[
            'ir_config_parameter', 'mcp_secret',
            'mcp_tool', 'mcp_tool_group_rel', 'mcp_resource', 'mcp_resource_group_rel',
            'mcp_access', 'mcp_access_group_rel', 'mcp_access_allowed_field_rel', 'mcp_access_hidden_field_rel',
            'mcp_key_scope', 'mcp_key_scope_company_rel', 'mcp_key_scope_tool_rel', 'mcp_key_scope_line',
            'mcp_key_scope_line_allowed_field_rel', 'mcp_key_scope_line_hidden_field_rel',
            'mcp_field_dependency']) AS watched (name)
        -- Of these only the named columns matter, and other columns change often.
        UNION ALL VALUES ('ir_module_module', 'INSERT OR UPDATE OF state, latest_version OR DELETE OR TRUNCATE'),
                         ('ir_model_fields', 'UPDATE OF name'), ('res_groups', 'UPDATE OF name')
    LOOP
        IF pg_catalog.to_regclass('public.' || name) IS NOT NULL THEN
            EXECUTE pg_catalog.format(
                'CREATE OR REPLACE TRIGGER mcp_catalogue_changed AFTER %s ON public.%I '
                'FOR EACH STATEMENT EXECUTE FUNCTION public.mcp_catalogue_changed()', events, name);
        END IF;
    END LOOP;
END $$;

-- Assigns the database's uuid to secrets that were made before the database had one.
UPDATE public.mcp_secret SET database_uuid = p.value
FROM public.ir_config_parameter p WHERE p.key = 'database.uuid' AND database_uuid IS NULL

-- Follows fragments/catalogue_version.sql.
SELECT version FROM catalogue

-- Follows fragments/catalogue_version.sql. Returns only the catalogue version.
SELECT version FROM catalogue

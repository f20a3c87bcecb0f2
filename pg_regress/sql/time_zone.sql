-- mcp_to_utc() and mcp_to_local() convert between a user's time and Odoo's, using the library's IANA data.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET datestyle = 'ISO';

-- Winter and summer, with a space or T, without seconds, with a fraction (dropped).
SELECT t, mcp_to_utc(t, 'Europe/Brussels') FROM unnest('{2026-01-15 12:00:00,2026-07-15 12:00:00,2026-07-15T12:00:00,2026-07-15 12:00,2026-07-15 12:00:00.987}'::text[]) t;
SELECT z, mcp_to_utc('2026-07-15 12:00:00', z) FROM unnest('{UTC,America/New_York,Asia/Kolkata,Asia/Kathmandu,Pacific/Kiritimati,Pacific/Marquesas,Etc/GMT+5,EST5EDT}'::text[]) z;
-- A gap: the time moves forward by the gap's length, as in a browser. Also its edges, a gap of half an hour, and a day
-- that a zone skipped.
SELECT t, mcp_to_utc(t, 'Europe/Brussels'), mcp_to_local(mcp_to_utc(t, 'Europe/Brussels'), 'Europe/Brussels')
FROM unnest('{2026-03-29 01:59:59,2026-03-29 02:00:00,2026-03-29 02:30:00,2026-03-29 02:59:59,2026-03-29 03:00:00}'::text[]) t;
SELECT mcp_to_utc('2026-10-04 02:15:00', 'Australia/Lord_Howe'), mcp_to_local(mcp_to_utc('2026-10-04 02:15:00', 'Australia/Lord_Howe'), 'Australia/Lord_Howe');
SELECT mcp_to_utc('2011-12-30 12:00:00', 'Pacific/Apia'), mcp_to_local(mcp_to_utc('2011-12-30 12:00:00', 'Pacific/Apia'), 'Pacific/Apia');
-- An overlap means the earlier instant. An offset selects the later one.
SELECT t, mcp_to_utc(t, 'Europe/Brussels') FROM unnest('{2026-10-25 01:59:59,2026-10-25 02:00:00,2026-10-25 02:30:00,2026-10-25 02:59:59,2026-10-25 03:00:00,
    2026-10-25T02:30:00+02:00,2026-10-25T02:30:00+01:00}'::text[]) t;
SELECT u, mcp_to_local(u::timestamp, 'Europe/Brussels') FROM unnest('{2026-10-25 00:30:00,2026-10-25 01:30:00}'::text[]) u;
-- A time with its own offset ignores the zone.
SELECT t, mcp_to_utc(t, 'Asia/Tokyo') FROM unnest('{2026-07-15T12:00:00Z,2026-07-15T12:00:00z,2026-07-15 12:00:00+02:00,2026-07-15T12:00:00-0530,2026-07-15T12:00+00:00}'::text[]) t;
-- To local time, with the offset.
SELECT z, mcp_to_local('2026-07-15 12:00:00', z) FROM unnest('{UTC,Europe/Brussels,America/New_York,Asia/Kathmandu,Pacific/Marquesas}'::text[]) z;
SELECT u, mcp_to_local(u, 'Europe/Brussels') FROM unnest('{2026-07-15 12:00:00.75,1800-01-01 00:00:00,0001-01-01 00:00:00,9999-12-31 23:59:59}'::timestamp[]) u;
-- It agrees with PostgreSQL. Time zone data of another age differ only in the future.
SELECT z, count(*) FROM unnest('{Europe/Brussels,America/New_York,America/Sao_Paulo,Australia/Sydney,Africa/Casablanca,Asia/Tehran}'::text[]) z,
    generate_series('1995-01-01 00:00'::timestamp, '2020-01-01', '7 days 5 hours') u
WHERE mcp_to_local(u, z)::timestamptz AT TIME ZONE z <> u AT TIME ZONE 'UTC' AT TIME ZONE z
   OR left(mcp_to_local(u, z), 19)::timestamp <> u AT TIME ZONE 'UTC' AT TIME ZONE z GROUP BY 1;

-- Refused, each with the reason.
SELECT mcp_to_utc('2026-07-15', 'UTC');
SELECT mcp_to_utc('2026-02-30 12:00:00', 'UTC');
SELECT mcp_to_utc('2026-07-15 25:00:00', 'UTC');
SELECT mcp_to_utc('2026-06-30 23:59:60', 'UTC');
SELECT mcp_to_utc('15/07/2026 12:00', 'UTC');
SELECT mcp_to_utc(' 2026-07-15 12:00:00', 'UTC');
SELECT mcp_to_utc('2026-07-15 12:00:00 CET', 'UTC');
SELECT mcp_to_utc('2026-07-15 12:00:00+1', 'UTC');
SELECT mcp_to_utc('2026-07-15 12:00:00+25:00', 'UTC');
SELECT mcp_to_utc('now', 'UTC');
SELECT mcp_to_utc('', 'UTC');
SELECT mcp_to_utc('0001-01-01 00:00:00', 'Asia/Tokyo');
SELECT mcp_to_utc('9999-12-31 23:59:59', 'America/New_York');
SELECT mcp_to_utc('0000-01-01 00:00:00', 'UTC');
SELECT mcp_to_utc('2026-07-15 12:00:00', 'Mars/Olympus');
SELECT mcp_to_utc('2026-07-15 12:00:00', 'europe/brussels');
SELECT mcp_to_utc('2026-07-15 12:00:00', '');
SELECT mcp_to_local('2026-07-15 12:00:00', 'Mars/Olympus');
SELECT mcp_to_local('infinity', 'UTC');
SELECT mcp_to_local('-infinity', 'UTC');
SELECT mcp_to_local('0044-03-15 12:00:00 BC', 'UTC');
SELECT mcp_to_local('10000-01-01 00:00:00', 'UTC');
SELECT mcp_to_utc(NULL, 'UTC') IS NULL, mcp_to_local(now()::timestamp, NULL) IS NULL;

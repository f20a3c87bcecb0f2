-- Follows fragments/held_groups.sql.
-- The user behind a call. $1 user id
SELECT pg_catalog.json_build_object(
    'id', u.id, 'login', u.login, 'active', u.active, 'tz', p.tz,
    'lang', (SELECT l.code FROM public.res_lang l WHERE l.code = p.lang AND l.active),
    -- the user's own company first, as Odoo's environment has it
    'company_ids', (SELECT coalesce(pg_catalog.json_agg(c.id ORDER BY c.id <> u.company_id, c.id), '[]')
                    FROM public.res_company_users_rel r JOIN public.res_company c ON c.id = r.cid AND c.active
                    WHERE r.user_id = u.id),
    'group_ids', (SELECT coalesce(pg_catalog.json_agg(h.id), '[]') FROM held h))::text
FROM public.res_users u JOIN public.res_partner p ON p.id = u.partner_id
WHERE u.id = $1::int

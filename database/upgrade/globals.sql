-- What belongs to the whole server, in lines that two servers of different versions can be compared by.
-- Passwords are compared as digests. Roles, databases and rights that a version brings itself are left out.

SELECT concat_ws(E'\t', 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
                 rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil, sha256(convert_to(rolpassword, 'UTF8')))
FROM pg_authid WHERE rolname !~ '^pg_';

SELECT concat_ws(E'\t', 'member', pg_get_userbyid(member), 'of', pg_get_userbyid(roleid), admin_option)
FROM pg_auth_members WHERE pg_get_userbyid(member) !~ '^pg_';

SELECT concat_ws(E'\t', 'comment on role', rolname, sha256(convert_to(description, 'UTF8')))
FROM pg_shdescription JOIN pg_authid ON objoid = pg_authid.oid
WHERE classoid = 'pg_authid'::regclass AND rolname !~ '^pg_';

SELECT concat_ws(E'\t', 'database', datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype,
                 datlocprovider, datistemplate, datallowconn, datconnlimit, shobj_description(oid, 'pg_database'))
FROM pg_database WHERE datname NOT IN ('template0', 'template1');

SELECT concat_ws(E'\t', 'right on database', datname,
                 CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)
FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
WHERE datname NOT IN ('template0', 'template1');

SELECT concat_ws(E'\t', 'setting', coalesce(datname, 'all databases'), coalesce(pg_get_userbyid(nullif(setrole, 0)), 'all roles'),
                 setting)
FROM pg_db_role_setting LEFT JOIN pg_database ON pg_database.oid = setdatabase, unnest(setconfig) AS setting
WHERE coalesce(datname, '') <> 'template1';

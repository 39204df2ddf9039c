-- What a database contains, in lines that two servers of different versions can be compared by. Definitions that a
-- server prints from its parse trees differ between versions, so of those only the names are compared. The members
-- of extensions belong to the extension's version, and are left out.

CREATE TEMPORARY VIEW own AS
SELECT pg_class.oid, relkind, relowner, relacl, relpersistence, nspname, relname, format('%I.%I', nspname, relname) AS name
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend
                   WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e');

-- The rows of each table: their number, and a sum of hashes, which does not depend on their order.
SELECT format('SELECT concat_ws(E''\t'', ''rows'', %L, count(*), coalesce(sum(hashtextextended((content.*)::text COLLATE "C", 0)), 0)) '
              'FROM ONLY %s AS content', name, name)
FROM own WHERE relkind = 'r' -- a copy refreshes materialized views
\gexec

SELECT format('SELECT concat_ws(E''\t'', ''sequence'', %L, last_value, is_called) FROM %s', name, name)
FROM own WHERE relkind = 'S'
\gexec

SELECT concat_ws(E'\t', 'large objects', count(DISTINCT loid), sum(hashtextextended(loid || ':' || pageno || ':' || md5(data), 0)))
FROM pg_largeobject;
SELECT concat_ws(E'\t', 'large object', oid, pg_get_userbyid(lomowner)) FROM pg_largeobject_metadata;

SELECT concat_ws(E'\t', 'relation', name, relkind, relpersistence, pg_get_userbyid(relowner)) FROM own;

SELECT concat_ws(E'\t', 'right on relation', name,
                 CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)
FROM own, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)))
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND privilege_type <> 'MAINTAIN'; -- PostgreSQL 17 has it first

SELECT concat_ws(E'\t', 'column', name, attnum, attname, format_type(atttypid, atttypmod), attnotnull, atthasdef,
                 attidentity, attgenerated, attacl)
FROM (SELECT attrelid, rank() OVER (PARTITION BY attrelid ORDER BY pg_attribute.attnum) AS attnum, attname, atttypid, atttypmod,
             attnotnull, atthasdef, attidentity, attgenerated, attacl
      FROM pg_attribute WHERE pg_attribute.attnum > 0 AND NOT attisdropped) AS columns
JOIN own ON own.oid = attrelid
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c');

SELECT concat_ws(E'\t', 'index', name, indrelid::regclass, indisunique, indisprimary, indisvalid) FROM pg_index JOIN own ON own.oid = indexrelid;

SELECT concat_ws(E'\t', 'constraint', name, conname, contype, convalidated)
FROM pg_constraint JOIN own ON own.oid = conrelid WHERE contype NOT IN ('n', 't');

SELECT concat_ws(E'\t', 'trigger', name, tgname, tgenabled, tgfoid::regproc) FROM pg_trigger JOIN own ON own.oid = tgrelid WHERE NOT tgisinternal;
SELECT concat_ws(E'\t', 'policy', name, polname, polcmd) FROM pg_policy JOIN own ON own.oid = polrelid;
SELECT concat_ws(E'\t', 'rule', name, rulename, ev_type) FROM pg_rewrite JOIN own ON own.oid = ev_class;
SELECT concat_ws(E'\t', 'row security', name, relrowsecurity, relforcerowsecurity) FROM pg_class JOIN own USING (oid);

SELECT concat_ws(E'\t', 'function', oid::regprocedure, pg_get_userbyid(proowner), prosecdef, md5(prosrc), proconfig)
FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema$)'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e');

SELECT concat_ws(E'\t', 'right on function', pg_proc.oid::regprocedure,
                 CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)
FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema$)'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e');

SELECT concat_ws(E'\t', 'type', typname, typtype, typnotnull, pg_get_userbyid(typowner),
                 (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = pg_type.oid))
FROM pg_type WHERE typnamespace::regnamespace::text !~ '^(pg_|information_schema$)' AND typtype IN ('c', 'd', 'e', 'r')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = pg_type.oid AND deptype = 'e');

SELECT concat_ws(E'\t', 'schema', nspname, pg_get_userbyid(nspowner)) FROM pg_namespace WHERE nspname !~ '^pg_';
SELECT concat_ws(E'\t', 'right on schema', nspname,
                 CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)
FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) WHERE nspname !~ '^pg_';

SELECT concat_ws(E'\t', 'default right', pg_get_userbyid(defaclrole), nullif(defaclnamespace, 0)::regnamespace, defaclobjtype,
                 CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable)
FROM pg_default_acl, aclexplode(defaclacl) WHERE privilege_type <> 'MAINTAIN';

SELECT concat_ws(E'\t', 'extension', extname, extnamespace::regnamespace) FROM pg_extension;
SELECT concat_ws(E'\t', 'publication', pubname, puballtables) FROM pg_publication;
SELECT concat_ws(E'\t', 'subscription', subname) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database());
SELECT concat_ws(E'\t', 'event trigger', evtname, evtenabled) FROM pg_event_trigger;
SELECT concat_ws(E'\t', 'statistics', stxnamespace::regnamespace, stxname) FROM pg_statistic_ext;

-- Objects of the database itself have these numbers.
SELECT concat_ws(E'\t', 'comment', address.type, address.object_names, address.object_args, md5(description))
FROM pg_description, pg_identify_object_as_address(classoid, objoid, objsubid) AS address
WHERE objoid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend
                   WHERE pg_depend.classid = classoid AND pg_depend.objid = objoid AND deptype = 'e');

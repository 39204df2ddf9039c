# Leaves out of a dump what names roles of the old server, and what only a superuser may do. Refuses a
# dump that leads to another database, and one that pg_dump did not finish.

function refuse(reason) {
    print "the dump " reason > "/dev/stderr"
    refused = 1
    exit 1
}

# The data of a table ends with this line.
copying { print; if ($0 == "\\.") copying = 0; next }
/^COPY .* FROM stdin;$/ { copying = 1; print; next }

# The platform's own function, which every database of its servers has.
/^CREATE SCHEMA platform_backup;$/ { next }
/^CREATE FUNCTION platform_backup\./ { own = 1 }
own {
    if (tag == "" && match($0, /AS \$[A-Za-z0-9_]*\$$/)) tag = substr($0, RSTART + 3)
    else if (tag != "" && index($0, tag)) { own = 0; tag = "" }
    next
}

# The body of a function is text, whatever its lines look like.
body != "" { print; if (index($0, body)) body = ""; next }
match($0, /(^|[ \t])(AS|DO) \$[A-Za-z0-9_]*\$/) {
    tag = substr($0, RSTART, RLENGTH)
    tag = substr(tag, index(tag, "$"))
    if (!index(substr($0, RSTART + RLENGTH), tag)) body = tag
    print
    next
}

# So are the further lines of a value: its quotes are doubled, and the last one is the odd one.
quoted { if (gsub(/'/, "&") % 2) quoted = 0; print; next }
/^COMMENT ON EXTENSION .*;$/ { next }
/^(INSERT INTO|COMMENT ON) / { quoted = gsub(/'/, "&") % 2; print; next }

# pg_dump locks psql against commands in the dump. The import does that itself, for all dumps.
/^\\(un)?restrict / { next }

/^\\(c|connect)[ \t]/ { refuse("connects to a database: make it without --create, and not with pg_dumpall") }
/^(CREATE|DROP|ALTER) (DATABASE|ROLE|USER) / { refuse("changes databases or roles: make it with pg_dump, without --create") }

/^ALTER .* OWNER TO .*;$/ { next }
/^ALTER DEFAULT PRIVILEGES .*;$/ { next }
/^(GRANT|REVOKE) .*;$/ { next }
/^SET SESSION AUTHORIZATION .*;$/ { next }
# The server is older than the one that sets this.
/^SET transaction_timeout = / { next }

/^-- PostgreSQL database dump$/ { begun = 1 }
/^-- PostgreSQL database dump complete$/ { completed = 1 }
{ print }

END { if (!refused && (copying || (begun && !completed))) refuse("is not complete") }

#!/bin/bash
# Copies everything that a server of an earlier major version has into a new data directory of this image's
# version, and compares both. Its arguments start a server, like those of the image's entry point. The old server
# is only read. It must have no other clients meanwhile.
#
# The mark `copy-unfinished` beside the directory says that the copy is not whole: a server refuses such a
# directory (start.sh), and the next copy begins with an empty one. The file `copied` says that the copy is whole
# and that no server has served it yet, which start.sh calls `upgraded` then. It lists the rows of each table.
set -euo pipefail
shopt -s lastpipe
here="${BASH_SOURCE[0]%/*}"
beside="${PGDATA%/*}"
unfinished="$beside/copy-unfinished" copied="$beside/copied"
work="$(mktemp -d)"
PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"
export PGPASSWORD PGUSER="$POSTGRES_USER" PGCONNECT_TIMEOUT=10 PGAPPNAME=upgrade
# What roles and databases set for their sessions must not decide what is copied and compared.
export PGOPTIONS="-csearch_path=pg_catalog -cstatement_timeout=0 -clock_timeout=0 \
-cidle_in_transaction_session_timeout=0 -cdefault_transaction_read_only=off -crow_security=off \
-cdatestyle=ISO -cintervalstyle=postgres -ctimezone=UTC -cbytea_output=hex -cextra_float_digits=1 \
-cxmlbinary=base64 -clc_monetary=C"

say() { printf '%s\n' "$*"; }
fail() { printf 'The copy failed: %s\n' "$*" >&2; exit 1; }
old() { PGHOST="$OLD_HOST" PGPORT="$OLD_PORT" "$@"; }
new() { PGHOST=/var/run/postgresql PGPORT=5432 "$@"; }
rows() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --no-align --tuples-only --field-separator=$'\t' "$@"; }

expect_only_reader() {
    local others
    others="$(PGDATABASE=postgres old rows --command="
        SELECT format('%s from %s (%s)', usename, coalesce(host(client_addr), 'inside'),
                      coalesce(nullif(application_name, ''), 'no name'))
        FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
          AND usename NOT IN ('platform_monitor', 'platform_backup')")"
    [[ -z $others ]] || fail "the old server still has clients, which must stop first: ${others//$'\n'/, }"
}

expect_copyable() {
    local what
    what="$(PGDATABASE=postgres old rows --command="
        SELECT 'the tablespace ' || spcname FROM pg_tablespace WHERE spcname !~ '^pg_'
        UNION ALL
        SELECT 'the database ' || datname || ', which accepts no connections'
        FROM pg_database WHERE NOT datallowconn AND datname <> 'template0'")"
    [[ -z $what ]] || fail "the old server has what this copy leaves out: ${what//$'\n'/, }. Drop it first."
}

tell_what_stays() {
    local settings
    settings="$(PGDATABASE=postgres old rows --command="
        SELECT string_agg(name, ', ') FROM pg_file_settings WHERE sourcefile ~ '/postgresql\\.auto\\.conf\$'")"
    [[ -z $settings ]] || say "ALTER SYSTEM has set $settings. This stays behind: data.parameters sets it for good."
}

create_directory() {
    local -a options
    if [[ -e $PGDATA && ! -e $unfinished && ! -e $copied ]]; then
        fail "the volume has data that a server has used. make drop-replaced lists and removes it."
    fi
    : > "$unfinished"
    sync "$beside"
    rm -rf "$PGDATA" "$copied"
    eval "options=($POSTGRES_INITDB_ARGS)" # It holds arguments in shell syntax.
    initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --no-sync "${options[@]}" > "$work/initdb" \
        || { cat "$work/initdb" >&2; fail "initdb"; }
    printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
}

# The server of the copy is reached over its socket only. What it writes reaches the disk at the end.
start_server() {
    shift
    pg_ctl start --silent --wait --timeout=300 --log="$work/server.log" --options="${*@Q} -clisten_addresses= \
        -cfsync=off -cfull_page_writes=off -cautovacuum=off -cwal_level=minimal -cmax_wal_senders=0 -ctemp_file_limit=-1" \
        || { cat "$work/server.log" >&2; fail "the new server does not start"; }
}

stop_server() {
    pg_ctl stop --silent --wait --mode=fast --timeout=600
    initdb --sync-only > /dev/null
}

# Roles with their passwords, memberships and settings, and rights on parameters.
copy_globals() {
    # The hashes of passwords stay out of the server's log.
    local quiet="-clog_statement=none -clog_min_duration_statement=-1 -clog_min_error_statement=panic"
    PGDATABASE=postgres old pg_dumpall --globals-only \
        | sed "/^CREATE ROLE $POSTGRES_USER;\$/d" \
        | PGDATABASE=postgres PGOPTIONS="$PGOPTIONS $quiet" new rows --output=/dev/null --file=-
}

copy_database() {
    PGDATABASE="$1" old pg_dump --format=custom --compress=0 --create \
        | new pg_restore --create --exit-on-error --dbname=template1
}

# The content of a database in lines that can be compared. The tables' rows are counted and hashed.
contents() { # SERVER DATABASE
    PGDATABASE="$2" "$1" rows --file="$here/contents.sql" | LC_ALL=C sort
}

compare() { # WHAT OLD NEW
    diff "$2" "$3" > "$work/difference" && return
    {
        say "$1 differs (<: the old server, >: the copy):"
        grep '^[<>]' "$work/difference" | head -n 20
    } >&2
    fail "$1 is not the same on both servers"
}

# One server at a time, as in start.sh.
exec 9>> "$beside/in-use"
flock --nonblock 9 || fail "another server uses the volume"

expect_only_reader
expect_copyable
tell_what_stays
create_directory
start_server "$@"

copy_globals
PGDATABASE=template1 new rows --command="DROP DATABASE postgres"
PGDATABASE=postgres old rows --command="
    SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template1' ORDER BY datname" \
    | readarray -t databases
for database in "${databases[@]}"; do
    PGDATABASE="$database" old rows --command="SELECT pg_size_pretty(pg_database_size(current_database()))" \
        | read -r size
    say "Copying the database $database ($size)."
    copy_database "$database"
done
say "Collecting statistics for the planner."
new vacuumdb --all --analyze-only --quiet

say "Comparing."
PGDATABASE=postgres old rows --file="$here/globals.sql" | LC_ALL=C sort > "$work/old"
PGDATABASE=postgres new rows --file="$here/globals.sql" | LC_ALL=C sort > "$work/new"
compare "the list of roles, databases and settings" "$work/old" "$work/new"
: > "$work/rows"
for database in "${databases[@]}"; do
    contents old "$database" > "$work/old"
    contents new "$database" > "$work/new"
    compare "the database $database" "$work/old" "$work/new"
    awk -F '\t' -v database="$database" -v OFS='\t' '$1 == "rows" { print database, $2, $3 }' "$work/new" >> "$work/rows"
done
expect_only_reader

stop_server
cp "$work/rows" "$copied"
sync "$copied"
rm "$unfinished"
sync "$beside"
say "The copy is whole: $(awk -F '\t' '{ rows += $3 } END { print NR " tables, " rows + 0 " rows" }' "$copied")."

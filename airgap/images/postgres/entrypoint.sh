#!/bin/bash
# Starts PostgreSQL, as the entry point of the official image does. If the data directory has no database,
# it creates one first. As there, the file PG_VERSION marks a database, also one whose init files have not
# run: the platform's start.sh (database/first-start/) repeats a first start that was interrupted.
set -eo pipefail
shopt -s nullglob

say() { printf 'postgres image: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Export NAME with its own value or the content of the file that NAME_FILE names.
from_file() {
    local name=$1 file_name=$1_FILE
    local value=${!name} file=${!file_name}
    if [[ -n $file ]]; then
        [[ -z $value ]] || fail "$name and $file_name are both set: set one of them"
        [[ -r $file ]] || fail "$file_name names $file, which cannot be read"
        value=$(< "$file")
    fi
    export "$name=$value"
}

# Run SQL from arguments or standard input as the superuser, over the socket.
docker_process_sql() {
    psql --no-psqlrc --no-password --quiet --set ON_ERROR_STOP=1 \
        --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        say "init file $file"
        case $file in
            *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
            *.sql) docker_process_sql --file "$file" ;;
            *.sql.gz) gzip -dc "$file" | docker_process_sql ;;
            *.sql.xz) xz -dc "$file" | docker_process_sql ;;
            *.sql.zst) zstd -dc "$file" | docker_process_sql ;;
            *) say "ignored: neither SQL nor a shell script" ;;
        esac
    done
}

# Runs in a subshell, so its exports do not outlive it. It takes the server's arguments.
first_start() {
    local variable
    for variable in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB POSTGRES_INITDB_ARGS; do
        from_file "$variable"
    done
    export POSTGRES_USER=${POSTGRES_USER:-postgres}
    export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
    if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
        fail "no superuser password: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE" \
            "(or POSTGRES_HOST_AUTH_METHOD=trust, which accepts every client without a password)"
    fi

    local -a options=(--username "$POSTGRES_USER")
    [[ -z $POSTGRES_INITDB_WALDIR ]] || options+=(--waldir "$POSTGRES_INITDB_WALDIR")
    eval "options+=($POSTGRES_INITDB_ARGS)" # It holds arguments in shell syntax.
    # The password goes through a pipe, so it never appears on disk or in arguments.
    initdb "${options[@]}" ${POSTGRES_PASSWORD:+--pwfile=/dev/stdin} <<< "$POSTGRES_PASSWORD"
    local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}
    printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"

    # No TCP: clients must not reach an incomplete database.
    unset PGHOST PGHOSTADDR
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    PGUSER=$POSTGRES_USER pg_ctl -w start -o "${*@Q} -c listen_addresses= -p ${PGPORT:-5432}"
    if [[ $POSTGRES_DB != postgres ]]; then
        POSTGRES_DB=postgres docker_process_sql --set name="$POSTGRES_DB" <<< 'CREATE DATABASE :"name";'
    fi
    run_init_files
    pg_ctl -m fast -w stop
}

[[ $1 != -* ]] || set -- postgres "$@"
if [[ $1 != postgres || " $* " =~ \ (-\?|--help|--describe-config|-V|--version)\  ]]; then
    exec "$@"
fi

if (( UID == 0 )); then
    install -d "$PGDATA"
    chown -R postgres "$PGDATA" /var/run/postgresql
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi
mkdir -p "$PGDATA"
chmod 0700 "$PGDATA" 2> /dev/null || true
[[ -s $PGDATA/PG_VERSION ]] || (first_start "${@:2}")
exec "$@"

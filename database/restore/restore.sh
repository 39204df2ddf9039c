#!/bin/sh
# Puts restored data in the place of the server's data. It runs before each start of the server.
#
# While a restore is under way, the backup part runs a server with the restored data, which has the id of
# the restore in its parameter platform.restore_id. This script clones that server beside PGDATA, gives
# PGDATA another name, and the clone the name PGDATA. Without such a server it changes nothing.
#
# It may be killed at any moment. These files beside PGDATA say how far it was:
#   .restoring      the clone; it is begun again unless .restoring.id exists
#   .restoring.id   the clone is complete, and this is the id of its restore
#   .restored.id    the id of the last restore that is in place
#   .before-*       data that a restore replaced; it stays until somebody removes it
set -eu

clone="$PGDATA.restoring"
cloned="$PGDATA.restoring.id"
restored="$PGDATA.restored.id"
volume="${PGDATA%/*}"
PGPASSWORD="$(cat /run/secrets/postgres-backup-password)"
export PGPASSWORD

fail() {
    echo "restore: $*" >&2
    exit 1
}

say() {
    echo "restore: $*" >&2
}

# Renames reach the disk in their order.
flush() {
    sync "$volume" || sync
}

ask() {
    psql --no-psqlrc --no-password --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 --command="$1"
}

# Not what an interrupted clone holds: its owner must not be able to lose data by it.
has_data() {
    [ -d "$PGDATA" ] && [ -n "$(ls -A "$PGDATA")" ]
}

# Whether a server with restored data answers. A name that is unknown, and a port that nobody listens on, answer
# at once. 3 s are for a node that is gone. Exit status 1 is a server that starts.
is_open() {
    answer=0
    timeout 3 pg_isready --quiet --timeout=3 || answer=$?
    [ "$answer" -lt 2 ]
}

# Whether the backup part itself can be reached: then it has no server with restored data.
is_reached() {
    timeout 1 bash -c 'exec 3<> "/dev/tcp/$PGHOST/$BACKUP_PORT"' 2> /dev/null
}

# The id of the restore that is under way; empty without one.
open_restore() {
    # The policies of a cluster reject what a new pod sends, also to the name server, until they know the pod.
    # An engine has no such moment.
    end=$(($(date +%s) + ${KUBERNETES_SERVICE_HOST:+10} + 0))
    until is_open; do
        [ "$(date +%s)" -lt "$end" ] && ! is_reached || return 0
        sleep 0.5
    done
    for try in 1 2 3 4 5 6 7 8 9 10; do
        if id="$(ask "SELECT current_setting('platform.restore_id') WHERE NOT pg_is_in_recovery()")"; then
            [ -n "$id" ] || fail "the server with the restored data at $PGHOST:$PGPORT still recovers."
            echo "$id"
            return 0
        fi
        sleep 1
    done
    fail "the server at $PGHOST:$PGPORT answers, but not to the role $PGUSER. \`make restore\` begins again," \
        "and the backup part's command \`backup discard\` gives the restore up."
}

# MiB that the clone takes, and that its volume has.
needed() {
    ask "SELECT ceil(sum(pg_database_size(oid)) / 1048576 * 1.05 + 128)::bigint FROM pg_database"
}

available() {
    df -Pk "$volume" | awk 'NR == 2 { print int($4 / 1024) }'
}

make_room() {
    room="$(available)"
    size="$(needed)"
    [ "$room" -gt "$size" ] || fail "the restored data takes $size MiB, and the volume of the server has" \
        "$room MiB left. Nothing was changed. Remove what an earlier restore replaced ($PGDATA.before-*)," \
        "or make data.size larger. The backup part's command \`backup discard\` gives the restore up."
}

clone_it() {
    make_room
    say "cloning the restored data ($1) from $PGHOST:$PGPORT"
    pg_basebackup --no-password --pgdata="$clone" --wal-method=stream --checkpoint=fast
    # The parameters of the recovery are over, and the server that starts here is no standby.
    rm -f "$clone/recovery.signal" "$clone/standby.signal"
    sed -i -E '/^(restore_command|recovery_target.*|recovery_end_command|archive_cleanup_command|primary_.*) *=/d' \
        "$clone/postgresql.auto.conf"
    # pg_basebackup has brought its files to the disk; the id must not be there before them.
    flush
    echo "$1" > "$cloned.new"
    sync "$cloned.new" || sync
    mv "$cloned.new" "$cloned"
    flush
}

# A name that no earlier restore has used, also in the same second.
old_name() {
    name="$PGDATA.before-$(date -u +%Y%m%dT%H%M%SZ)"
    while [ -e "$name" ]; do
        name="$name+"
    done
    echo "$name"
}

put_in_place() {
    if [ -d "$clone" ]; then
        if has_data; then
            old="$(old_name)"
            mv -T "$PGDATA" "$old"
            say "the data that was here is in $old"
        elif [ -d "$PGDATA" ]; then
            rmdir "$PGDATA"
        fi
        # A first start that was interrupted before must not begin again.
        rm -f "$volume/first-start"
        flush
        mv -T "$clone" "$PGDATA"
        flush
    fi
    mv "$cloned" "$restored"
    flush
    say "the restored data ($(cat "$restored")) is in place"
}

id="$(open_restore)"
if [ -n "$id" ] || [ -e "$cloned" ]; then
    # On an engine the server may run beside this script, which must not move its files. start.sh takes the
    # same lock. Other exit statuses than 1 come from file systems without locks.
    exec 9> "$volume/in-use"
    flock --nonblock 9 || [ $? -ne 1 ] || fail "the server still runs. \`make restore\` stops it first."
fi
if [ -e "$cloned" ]; then
    # Without PGDATA, or without the clone, the renames had begun. Otherwise the restore may have been given
    # up meanwhile, and a later one has another id.
    if ! has_data || [ ! -d "$clone" ] || [ "$id" = "$(cat "$cloned")" ]; then
        put_in_place
    fi
fi
if [ -z "$id" ] || { has_data && [ -e "$restored" ] && [ "$id" = "$(cat "$restored")" ]; }; then
    rm -rf "$clone" "$cloned" "$cloned.new"
    exit 0
fi
rm -rf "$cloned" "$cloned.new" "$clone"
clone_it "$id"
put_in_place

#!/bin/sh
# Starts PostgreSQL's image. A database is complete, or it does not exist.
#
# The image takes a directory with a file PG_VERSION for a complete database, and initdb writes that
# file before the roles and the schema exist. So a mark beside the directory says that the first start
# is not over; its last script, complete.sh, removes it. Until then the server accepts no connection over
# TCP, so nobody has stored anything, and the next start begins with an empty directory. A database
# without a mark is never touched.
set -eu

volume="${PGDATA%/*}"
# One server at a time. Another container cannot see the processes that postmaster.pid names, but it sees
# this lock, which the server and its processes hold until the last one has ended. A full volume may have no
# room for the file, and exit statuses other than 1 come from file systems without locks.
if (: >> "$volume/in-use") 2> /dev/null; then
    exec 9>> "$volume/in-use"
    flock --wait 3 9 || [ $? -ne 1 ] || {
        echo "Another server still uses $volume." >&2
        exit 1
    }
fi
if [ -e "$PGDATA.restoring.id" ] && ! [ -s "$PGDATA/PG_VERSION" ]; then
    # An empty database must not take the place of the restored one.
    echo "A restore was interrupted. \`make restore\` finishes it." >&2
    exit 1
fi
if [ -e "$volume/copy-unfinished" ]; then
    echo "The copy of another version's data is not whole. \`make upgrade-database\` begins it again." >&2
    exit 1
fi

export FIRST_START="$volume/first-start"
set_aside="$PGDATA.interrupted"
content=""
if [ -e "$PGDATA" ] && ! content="$(ls -A "$PGDATA")"; then
    # It may hold a database, so it must not be taken for empty.
    echo "The directory $PGDATA exists and cannot be read. Give it back to the user $(id -u)." >&2
    exit 1
fi
if [ -e "$FIRST_START" ]; then
    echo "The first start was interrupted. It starts again, with an empty directory $PGDATA." >&2
    if [ -n "$content" ]; then
        # If the mark came back with a damaged file system, this directory is a database in use.
        rm -rf "$set_aside"
        mv "$PGDATA" "$set_aside"
        echo "What it left is in $set_aside." >&2
    fi
elif [ -z "$content" ]; then
    : > "$FIRST_START"
    # The mark reaches the disk before anything that it is about.
    sync "$volume" || sync
fi

# The volume of a stack from before `data.version` has no version that `up` could compare.
if [ -s "$PGDATA/PG_VERSION" ]; then
    data="$(cat "$PGDATA/PG_VERSION")"
    server="$(postgres --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')"
    if [ "$server" != "$data" ]; then
        echo "The data in $PGDATA is of PostgreSQL $data, and this image has PostgreSQL $server." \
            "Set data.version: $data and the image back." >&2
        exit 1
    fi
fi
# From now on, the copy of another version's data (database/upgrade/) has data of its own.
if [ -e "$volume/copied" ]; then
    mv "$volume/copied" "$volume/upgraded"
fi
exec docker-entrypoint.sh "$@"

#!/bin/sh
# Starts PostgreSQL's image. A database is complete, or it does not exist.
#
# The image takes a directory with a file PG_VERSION for a complete database, and initdb writes that
# file before the roles and the schema exist. So a mark beside the directory says that the first start
# is not over; its last script, complete.sh, removes it. Until then the server accepts no connection over
# TCP, so nobody has stored anything, and the directory may go. A database without a mark is never
# touched.
set -eu

export FIRST_START="${PGDATA%/*}/first-start"
if [ -e "$FIRST_START" ]; then
    echo "The first start was interrupted. It starts again, with an empty directory $PGDATA." >&2
    rm -rf "$PGDATA"
elif [ ! -d "$PGDATA" ] || [ -z "$(ls -A "$PGDATA")" ]; then
    : > "$FIRST_START"
    # The mark reaches the disk before anything that it is about.
    sync "${FIRST_START%/*}" || sync
fi
exec docker-entrypoint.sh "$@"

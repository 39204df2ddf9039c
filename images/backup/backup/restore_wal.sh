#!/bin/sh
# restore_command of a server that recovers: restore_wal.sh CATALOGUE %f %p
# A file is in the archive, or still where it was received. The last one may be incomplete.
case $2 in
    *.history) archived="$1/wals/$2" ;;
    *) archived="$1/wals/$(printf %.16s "$2")/$2" ;;
esac
for file in "$archived" "$1/streaming/$2" "$1/streaming/$2.partial" "$archived" "$archived.partial"; do
    [ -s "$file" ] && cp "$file" "$3" && exit 0
done
exit 1

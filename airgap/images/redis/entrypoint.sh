#!/bin/sh
# Starts redis-server, as the user redis when the container starts as root.
set -eu

case ${1:-} in
    -* | *.conf) set -- redis-server "$@" ;;
esac
[ "${1:-}" = redis-server ] || exec "$@"

# Files that others cannot read, unless the container was told otherwise.
[ "$(umask)" != 0022 ] || umask 0077

# The official image is compiled without protected mode, which would refuse every
# client outside the container. A configuration file that names it decides.
case ${2:-} in
    *.conf) grep -qiE '^[[:space:]]*protected-mode' "$2" || set -- "$@" --protected-mode no ;;
    *) shift; set -- redis-server --protected-mode no "$@" ;;
esac

if [ "$(id -u)" = 0 ]; then
    chown -R redis .
    exec setpriv --reuid redis --regid redis --init-groups "$@"
fi
exec "$@"

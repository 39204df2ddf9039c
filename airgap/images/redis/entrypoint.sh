#!/bin/sh
# Starts redis-server. If the container starts as root, redis-server runs as the user redis.
set -eu

case ${1:-} in
    -* | *.conf) set -- redis-server "$@" ;;
esac
[ "${1:-}" = redis-server ] || exec "$@"

# Other users cannot read new files, unless the container sets another umask.
[ "$(umask)" != 0022 ] || umask 0077

# Protected mode would refuse every client outside the container, so it is off as in
# the official image, unless the configuration file sets it.
case ${2:-} in
    *.conf) grep -qiE '^[[:space:]]*protected-mode' "$2" || set -- "$@" --protected-mode no ;;
    *) shift; set -- redis-server --protected-mode no "$@" ;;
esac

if [ "$(id -u)" = 0 ]; then
    chown -R redis .
    exec setpriv --reuid redis --regid redis --init-groups "$@"
fi
exec "$@"

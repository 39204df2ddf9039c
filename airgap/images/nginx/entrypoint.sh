#!/bin/sh
# Before nginx starts: runs what is executable in /docker-entrypoint.d, by name.
# A *.envsh file is sourced, so that it can set variables; a *.sh file runs by itself.
set -e

say() { [ -n "$NGINX_ENTRYPOINT_QUIET_LOGS" ] || echo "nginx image: $*"; }

if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
    for script in /docker-entrypoint.d/*; do
        [ -x "$script" ] || { say "$script is not executable: ignored"; continue; }
        case $script in
            *.envsh) say "sourcing $script"; . "$script" ;;
            *.sh) say "running $script"; "$script" ;;
            *) say "$script is no shell script: ignored" ;;
        esac
    done
fi
exec "$@"

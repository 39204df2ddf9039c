#!/bin/sh
# Before nginx starts, runs the executable files in /docker-entrypoint.d in the order of
# their names. *.envsh files are sourced, so that they can set variables; *.sh files are run.
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

#!/bin/sh
# Starts the gateway with the name servers of this container.
set -eu
mkdir -p /tmp/gateway

# If nginx was killed, its socket still exists, and nginx could not bind it again.
rm -f /var/cache/nginx/status.sock

# Without a name server nginx would find no service, and it reads the list only here. The container restarts.
attempts=5
until grep -q '^nameserver' /etc/resolv.conf; do
    attempts=$((attempts - 1))
    if [ "$attempts" -eq 0 ]; then
        echo "/etc/resolv.conf names no name server" >&2
        exit 1
    fi
    sleep 1
done

# nginx resolves names without search domains. In a pod, the first search domain is that of its namespace
# (NAMESPACE.svc.CLUSTER). It is appended to the names of services, so that they work on every target.
awk '
    $1 == "nameserver" { servers = servers " " ($2 ~ /:/ ? "[" $2 "]" : $2) }
    $1 == "search" && $2 ~ /\.svc\./ { domain = "." $2 }
    END {
        print "resolver" servers " valid=5s;"
        print "map \"\" $search_domain { default \"" domain "\"; }"
    }' /etc/resolv.conf > /tmp/gateway/resolver.conf

# Without IPv6 in the kernel, nginx could not listen on IPv6 addresses.
without='^$'
[ -f /proc/net/if_inet6 ] || without='listen \[::\]'
grep -v "$without" /etc/gateway/routes.conf > /tmp/gateway/routes.conf

exec nginx -c /etc/gateway/nginx.conf -g "daemon off; worker_shutdown_timeout ${SHUTDOWN_SECONDS}s;"

#!/bin/sh
# The base image runs this file before nginx starts.
set -eu
mkdir -p /tmp/nginx

# If nginx was killed, its socket still exists, and nginx could not bind it again.
rm -f /var/run/web/status.sock

# Without IPv6 in the kernel, nginx could not listen on IPv6 addresses.
rm -f /tmp/nginx/ipv6.conf
[ ! -f /proc/net/if_inet6 ] || echo 'listen [::]:8080;' > /tmp/nginx/ipv6.conf

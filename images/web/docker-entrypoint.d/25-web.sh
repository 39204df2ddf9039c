#!/bin/sh
# Runs after the templates are rendered, and keeps the configuration that fits this container.
set -eu
cd "$NGINX_ENVSUBST_OUTPUT_DIR"

crt=/run/secrets/tls.crt
key=/run/secrets/tls.key
if [ -r "$crt" ] && [ -r "$key" ]; then
    rm default.conf
elif [ -e "$crt" ] || [ -e "$key" ]; then
    echo >&2 "web: TLS needs both $crt and $key, readable by uid $(id -u); one is missing or not readable"
    exit 1
else
    rm tls.conf
fi

# Without IPv6 in the kernel, nginx could not listen on IPv6 addresses.
[ -f /proc/net/if_inet6 ] || sed -i '/listen \[::\]/d' ./*.conf

#!/bin/sh
# Run after the templates are rendered: keeps what fits this container.
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

# A kernel without IPv6 refuses to listen on it.
[ -f /proc/net/if_inet6 ] || sed -i '/listen \[::\]/d' ./*.conf

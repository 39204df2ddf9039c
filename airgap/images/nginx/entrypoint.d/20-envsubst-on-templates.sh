#!/bin/sh
# Renders the templates with environment variables. Only variables that exist and
# match NGINX_ENVSUBST_FILTER are replaced, so nginx's own variables remain.
set -e

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}

[ -d "$templates" ] || exit 0
if [ ! -w "$output" ]; then
    echo "nginx image: $output is not writable: templates are not filled in" >&2
    exit 0
fi

# The names in the format of envsubst: ${ONE} ${TWO}.
names=$(awk -v filter="$NGINX_ENVSUBST_FILTER" '
    BEGIN { for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }')
find "$templates" -follow -type f -name "*$suffix" | sort | while read -r template; do
    target=$output/${template#"$templates"/}
    target=${target%"$suffix"}
    mkdir -p "${target%/*}"
    envsubst "$names" < "$template" > "$target"
done

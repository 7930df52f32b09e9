#!/bin/sh
# Fetches embed/web/vendor, the libraries of the pages, from npm at pinned versions.
# What it writes is committed, so building and testing need no npm.
#
#   sh embed/vendor.sh             what npm has is what SHA256SUMS says, and is put there anew
#   sh embed/vendor.sh --update    after a change of a version below: SHA256SUMS is written too
#
# To update: change a version, run it with --update, and it prints the integrity that it found; check
# that against the package's page, put it here, run it again.
set -eu
cd "$(dirname "$0")"
vendor=$PWD/web/vendor
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT INT TERM
out=$tmp/vendor
mkdir "$out"

# fetch NAME VERSION INTEGRITY: unpacks the package into $tmp/package
fetch() {
  rm -rf "$tmp/package"
  file=$tmp/$(cd "$tmp" && npm pack --silent "$1@$2" 2>/dev/null | tail -n 1)
  [ -f "$file" ] || { echo "$1@$2: npm did not fetch it" >&2; exit 1; }
  got=sha512-$(openssl dgst -sha512 -binary "$file" | openssl base64 -A)
  if [ "$got" != "$3" ]; then
    echo "$1@$2: integrity is $got, expected $3" >&2
    exit 1
  fi
  tar -xzf "$file" -C "$tmp"
}

# take FILE NAME: a strict content security policy leaves no room for an import map,
# so bare specifiers become relative paths; source maps are not shipped.
take() {
  sed -e 's#from"preact"#from"./preact.js"#g' \
      -e 's#from"preact/hooks"#from"./preact-hooks.js"#g' \
      -e 's#from"@preact/signals-core"#from"./signals-core.js"#g' \
      -e 's#//\# sourceMappingURL=.*$##' "$tmp/package/$1" >"$out/$2"
}

fetch preact 10.29.8 sha512-ej2aVZ+vZ8WO7tvlQWRM9N63A0KzF9q4mWJfDUHgYaIofWY9hu74QdnQrjoPMmZi2/nZ5gN0bJCQF49xQqx09Q==
take dist/preact.module.js preact.js
take hooks/dist/hooks.module.js preact-hooks.js
cp "$tmp/package/LICENSE" "$out/preact.LICENSE.txt"

fetch htm 3.1.1 sha512-983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ==
take dist/htm.module.js htm.js
cp "$tmp/package/LICENSE" "$out/htm.LICENSE.txt"

fetch @preact/signals-core 1.14.5 sha512-vcRv7Ityz5JVmeiVqIluLFzT/PDS/AlhHUpw3/aUWqcVUs6bDGIPXE/6RSC4evBNWYvnniozg5Syfj33al3gkg==
take dist/signals-core.module.js signals-core.js
cp "$tmp/package/LICENSE" "$out/signals-core.LICENSE.txt"

fetch @preact/signals 2.11.4 sha512-Rb+5RPo9gWSaHtzJeauhHxiC8KP/IF2DEPkHPEOGOnuy2wnJzRqyeLRankUCYd6ADqtxS6GnWGv6Ie343d8aYw==
take dist/signals.module.js signals.js
cp "$tmp/package/LICENSE" "$out/signals.LICENSE.txt"

fetch uplot 1.6.32 sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==
take dist/uPlot.esm.js uplot.js
cp "$tmp/package/dist/uPlot.min.css" "$out/uplot.css"
cp "$tmp/package/LICENSE" "$out/uplot.LICENSE.txt"

# a test compares these, so that nothing here changes unnoticed
(cd "$out" && LC_ALL=C && sha256sum -- * >"$tmp/SHA256SUMS")
if [ "${1:-}" != --update ] && ! diff -u "$vendor/SHA256SUMS" "$tmp/SHA256SUMS" >&2; then
  echo "embed/web/vendor/SHA256SUMS differs from what npm has; with --update it is taken over" >&2
  exit 1
fi
mkdir -p "$vendor"
rm -f "$vendor"/*
cp "$out"/* "$tmp/SHA256SUMS" "$vendor"

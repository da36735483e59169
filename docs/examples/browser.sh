#!/bin/sh
# A browser from the pool `web`, driven by nothing but curl; see docs/browsers.md.
set -eu
api=${VIPER_API:-http://127.0.0.1:7777/api/v1}
id=example-$$

post() { curl -fsS -H "Authorization: Bearer $VIPER_TOKEN" -H 'Content-Type: application/json' "$api$1" -d "$2"; }
member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

vm=$(post /pools/web/acquire "{\"id\": \"$id\", \"patience_s\": 60}" | member vm)
trap 'post /pools/web/release "{\"id\": \"$id\"}" > /dev/null' EXIT
post "/vms/$vm/agent/v1/browser/navigate" "{\"url\": \"${1:-https://example.com}\"}" > /dev/null
post "/vms/$vm/agent/v1/script/evaluate" '{"expression": "document.title"}' | member result
post "/vms/$vm/agent/v1/browser/screenshot" '{"full_page": true}' | member data | base64 -d > rest.png

#!/usr/bin/env bash
# Clients that nobody here wrote, against the running demo: dicomweb-client and pydicom from PyPI, DCMTK
# from Debian. The argument is a folder to work in; TELERAD_BIN names the program.
set -euo pipefail
source "$(dirname "$0")/../../infra/scripts/common.sh"

work=${1:?a folder to work in}
program=${TELERAD_BIN:-$target/debug/telerad}

need_packages dcmtk openssl
need_python_packages

data=$work/outside
export TELERAD_ALLOWED_ORIGINS=https://viewer.example
mkdir -p "$data"
for name in server client stranger; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$name" -addext "subjectAltName=IP:127.0.0.1" \
        -keyout "$work/$name.key" -out "$work/$name.pem" 2>/dev/null
done
export TELERAD_TLS_DIR=$work
TELERAD_DATA_DIR=$data TELERAD_LISTEN=127.0.0.1:0 TELERAD_DIMSE_LISTEN=127.0.0.1:0 \
    TELERAD_DIMSE_TLS_LISTEN=127.0.0.1:0 TELERAD_DIMSE_TLS_CERTIFICATE=$work/server.pem TELERAD_DIMSE_TLS_KEY=$work/server.key \
    "$program" demo >"$work/demo.out" 2>"$work/demo.log" &
demo=$!
trap 'kill "$demo" 2>/dev/null && wait "$demo" 2>/dev/null || true' EXIT
for _ in $(seq 300); do
    [ -e "$data/address" ] && break
    kill -0 "$demo" 2>/dev/null || { cat "$work/demo.log" >&2; fail "the demo did not start"; }
    sleep 0.2
done
[ -e "$data/address" ] || { cat "$work/demo.log" >&2; fail "the demo was not ready in time"; }

TELERAD_DEMO=$data/demo.json "$venv/bin/python" -m pytest --quiet --color=no -p no:cacheprovider tests/outside

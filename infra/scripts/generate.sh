#!/usr/bin/env bash
# Writes the files that are generated from code and committed: the GraphQL schema and the portal's types.
set -euo pipefail
source "$(dirname "$0")/common.sh"

need_compilers
need_node_modules
build_for_tests
schema=$(mktemp)
trap 'rm -f "$schema"' EXIT
"$target/debug/telerad" schema >"$schema"
cp "$schema" api/schema.graphql
npm --prefix web run --silent generate

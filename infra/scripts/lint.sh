#!/usr/bin/env bash
# What a reviewer should not have to say: formatting, lints, types, shell, stale generated files.
set -euo pipefail
source "$(dirname "$0")/common.sh"

need_compilers
need_node_modules
need_packages shellcheck

say "rustfmt"
cargo fmt --all --check
say "clippy"
cargo clippy --quiet --workspace --all-targets -- --deny warnings
say "oxlint and tsc"
npm --prefix web run --silent lint
# The browser tests borrow the portal's packages through a link, which must not be linted itself.
node_bin=web/node_modules/.bin
"$node_bin/oxlint" --config web/.oxlintrc.json --ignore-pattern '**/node_modules/**' tests/browser
"$node_bin/tsc" --project tests/browser
say "shellcheck"
find infra .ci tests -type f \( -name '*.sh' -o -path '.ci/*' \) -print0 | xargs -0 shellcheck
if command -v terraform >/dev/null; then
    say "terraform fmt"
    terraform fmt -check -recursive terraform
fi
say "generated files"
infra/scripts/generate.sh
stale=$(git status --porcelain -- api/schema.graphql web/src/gql)
[ -z "$stale" ] || fail "generated files are stale; run make generate and commit:
$stale"
say "lint: clean"

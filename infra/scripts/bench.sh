#!/usr/bin/env bash
# Measures a release build of the program and prints the figures.
set -euo pipefail
source "$(dirname "$0")/common.sh"

need_compilers
say "building (release)"
cargo build --quiet --workspace --release
TELERAD_BIN=$target/release/telerad exec "$target/release/telerad-bench" "$@"

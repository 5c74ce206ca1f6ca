#!/usr/bin/env bash
# Builds what is out of date and starts the demo: everything in one process, its data in ./data.
set -euo pipefail
source "$(dirname "$0")/common.sh"

need_compilers
need_fonts
build_portal
say "building the program (the first time takes minutes)"
cargo build --quiet --workspace --profile "$profile"
exec "$built/telerad" demo

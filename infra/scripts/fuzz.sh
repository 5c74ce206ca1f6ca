#!/usr/bin/env bash
# Fuzzes each parser that meets bytes from outside for $1 seconds (20). Ends with one line of totals; fails when one
# found something, and says where the input lies that did it.
set -euo pipefail
source "$(dirname "$0")/common.sh"

seconds=${1:-20}
work=$target/fuzz
need_compilers
say "building the fuzzers"
# With the whole workspace selected, its dependencies are those of the other builds.
cargo build --quiet --workspace --example fuzz_seeds
programs=()
for program in fuzz/src/bin/*.rs; do
    programs+=(--bin "$(basename "$program" .rs)")
done
RUSTC_WORKSPACE_WRAPPER=$root/infra/scripts/fuzz-rustc.sh cargo build --quiet --workspace "${programs[@]}"
mkdir -p "$work/bin" "$work/found"
# The next plain build puts others in their place.
for program in "$target"/debug/fuzz_*; do
    case $program in *.d) continue ;; esac
    cp "$program" "$work/bin/"
done
"$target/debug/examples/fuzz_seeds" "$work/seeds"

passed=0 failed=0
for seeds in "$work"/seeds/*/; do
    name=$(basename "$seeds")
    mkdir -p "$work/corpus/$name"
    say "fuzzing $name for $seconds s"
    if "$work/bin/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=65536 \
        -artifact_prefix="$work/found/$name-" -print_final_stats=1 "$work/corpus/$name" "$seeds" \
        >"$work/$name.log" 2>&1; then
        passed=$((passed + 1))
        grep -E 'number_of_executed_units|DONE' "$work/$name.log" | tail -2
    else
        failed=$((failed + 1))
        tail -40 "$work/$name.log"
    fi
done
echo "telerad fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# Every test: Rust on SQLite and PostgreSQL, the web, the browser, clients nobody here wrote, the fuzzers.
# Ends with one line of totals; fails when anything failed.
set -euo pipefail
source "$(dirname "$0")/common.sh"

started=$SECONDS
work=$(mktemp -d "${TMPDIR:-/tmp}/telerad-test.XXXXXX")
chmod 755 "$work"
finish() {
    stop_postgres
    rm -rf "$work"
}
trap finish EXIT

passed=0 failed=0 skipped=0 parts=()
# count NAME PASSED FAILED SKIPPED
count() {
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    parts+=("$1 $2")
}
# The last number before a word: number_before 'passed' FILE
number_before() {
    sed 's/\x1b\[[0-9;]*m//g' "$2" | grep -oE "[0-9]+ $1" | tail -1 | grep -oE '^[0-9]+' || echo 0
}

# count_harness NAME LOG: the sums of what Rust's own harness printed
count_harness() {
    sum() { grep -E '^test result:' "$1" | grep -oE "[0-9]+ $2" | awk '{n += $1} END {print n + 0}'; }
    local broken
    broken=$(grep -c '^error: could not' "$2" || true)
    count "$1" "$(sum "$2" passed)" "$(($(sum "$2" failed) + broken))" "$(sum "$2" ignored)"
}

need_compilers
need_fonts
need_packages python3 python3-venv git
build_portal
build_for_tests
start_postgres "$work/postgres"

say "Rust tests"
export TELERAD_BIN=$target/debug/telerad
need_corpus
log=$work/rust.log
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --no-fail-fast 2>&1 | tee "$log" || true
    if grep -q 'Summary' "$log"; then
        count rust "$(number_before passed "$log")" "$(number_before failed "$log")" "$(number_before skipped "$log")"
    else
        count rust 0 1 0
    fi
else
    cargo test --workspace --all-targets --no-fail-fast 2>&1 | tee "$log" || true
    count_harness rust "$log"
fi

say "what must not compile, and examples"
log=$work/doc.log
cargo test --quiet --workspace --doc --no-fail-fast 2>&1 | tee "$log" || true
count_harness examples "$log"

say "web tests"
log=$work/web.log
npm --prefix web test 2>&1 | tee "$log" || true
# Vitest: "Tests  3 failed | 120 passed | 2 skipped (125)"
tests_line=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -E '^ *Tests ' | tail -1 || true)
echo "$tests_line" >"$work/web.tests"
if [ -n "$tests_line" ]; then
    count web "$(number_before passed "$work/web.tests")" "$(number_before failed "$work/web.tests")" \
        "$(number_before skipped "$work/web.tests")"
else
    count web 0 1 0
fi

say "browser test"
log=$work/browser.log
tests/browser/run.sh "$work" 2>&1 | tee "$log" || true
if grep -qE '[0-9]+ (passed|failed)' "$log"; then
    count browser "$(number_before passed "$log")" "$(number_before failed "$log")" "$(number_before skipped "$log")"
else
    count browser 0 1 0
fi

say "outside clients"
log=$work/outside.log
tests/outside/run.sh "$work" 2>&1 | tee "$log" || true
if grep -qE '[0-9]+ passed|[0-9]+ failed' "$log"; then
    count outside "$(number_before passed "$log")" "$(number_before failed "$log")" 0
else
    count outside 0 1 0
fi

say "fuzzers"
log=$work/fuzz.log
infra/scripts/fuzz.sh 2>&1 | tee "$log" || true
if grep -q '^telerad fuzz:' "$log"; then
    count fuzzers "$(number_before passed "$log")" "$(number_before failed "$log")" 0
else
    count fuzzers 0 1 0
fi

minutes=$(((SECONDS - started) / 60)) seconds=$(((SECONDS - started) % 60))
printf -v by_part '%s, ' "${parts[@]}"
printf 'telerad tests: %d passed, %d failed, %d skipped (%s) in %dm%02ds\n' \
    "$passed" "$failed" "$skipped" "${by_part%, }" "$minutes" "$seconds"
[ "$failed" -eq 0 ]

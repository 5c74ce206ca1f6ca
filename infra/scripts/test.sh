#!/usr/bin/env bash
# Every test: Rust on SQLite and PostgreSQL, the web, the browser, clients nobody here wrote.
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

need_compilers
need_packages python3 python3-venv git
build_portal
build_for_tests
start_postgres "$work/postgres"

say "Rust tests"
export TELERAD_BIN=$target/debug/telerad
log=$work/rust.log
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --no-fail-fast 2>&1 | tee "$log" || true
    if grep -q 'Summary' "$log"; then
        count rust "$(number_before passed "$log")" "$(number_before failed "$log")" "$(number_before skipped "$log")"
    else
        count rust 0 1 0
    fi
else
    cargo test --workspace --no-fail-fast 2>&1 | tee "$log" || true
    sum() { grep -E '^test result:' "$log" | grep -oE "[0-9]+ $1" | awk '{n += $1} END {print n + 0}'; }
    broken=$(grep -c '^error: could not' "$log" || true)
    count rust "$(sum passed)" "$(($(sum failed) + broken))" "$(sum ignored)"
fi

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
need_packages chromium
if tests/browser/run.sh "$work" 2>&1 | tee "$work/browser.log"; then count browser 1 0 0; else count browser 0 1 0; fi

say "outside clients"
need_packages dcmtk
log=$work/outside.log
tests/outside/run.sh "$work" 2>&1 | tee "$log" || true
if grep -qE '[0-9]+ passed|[0-9]+ failed' "$log"; then
    count outside "$(number_before passed "$log")" "$(number_before failed "$log")" 0
else
    count outside 0 1 0
fi

minutes=$(((SECONDS - started) / 60)) seconds=$(((SECONDS - started) % 60))
printf -v by_part '%s, ' "${parts[@]}"
printf 'telerad tests: %d passed, %d failed, %d skipped (%s) in %dm%02ds\n' \
    "$passed" "$failed" "$skipped" "${by_part%, }" "$minutes" "$seconds"
[ "$failed" -eq 0 ]

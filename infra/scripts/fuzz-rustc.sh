#!/bin/sh
# Stands before rustc for our own crates while the fuzzers are built: counts which edges of the code an input reaches.
# A build script runs without the fuzzer that keeps the counters.
case " $* " in
*" --crate-name build_script_build "*) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1

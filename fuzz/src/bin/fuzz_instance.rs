//! Feeds the fuzzer's bytes to [`fuzz::instance`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::instance(bytes));

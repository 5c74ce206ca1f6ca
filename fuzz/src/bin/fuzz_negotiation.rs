//! Feeds the fuzzer's bytes to [`fuzz::negotiation`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::negotiation(bytes));

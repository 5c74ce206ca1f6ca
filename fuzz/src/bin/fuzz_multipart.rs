//! Feeds the fuzzer's bytes to [`fuzz::multipart`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::multipart(bytes));

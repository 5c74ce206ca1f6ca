//! Feeds the fuzzer's bytes to [`fuzz::pdu`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::pdu(bytes));

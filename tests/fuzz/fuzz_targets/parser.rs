//! One parser of tests/parsers, named by QUELL_PARSER.

#![no_main]
#![allow(unsafe_code, reason = "libFuzzer calls the target by a fixed name from C++")]

use libfuzzer_sys::fuzz_target;
use parsers::Parser;
use std::sync::LazyLock;

static PARSER: LazyLock<&Parser> = LazyLock::new(|| {
    let name = std::env::var("QUELL_PARSER").unwrap_or_default();
    parsers::parser(&name).unwrap_or_else(|| panic!("QUELL_PARSER names no parser: `{name}`"))
});

fuzz_target!(|bytes: &[u8]| (PARSER.reads)(bytes));

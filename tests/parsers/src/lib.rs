//! Everything in Quell that reads what somebody else wrote, one function each: bytes in, nothing out, no panic. The quick
//! run of the tests and the long run of the fuzzer ask the same functions.
//!
//! A parser holds when it answers or refuses. Where there is more to promise (no row is lost, what was written is read
//! back), the function asserts it.

mod files;
mod paper;
mod reports;
mod seeds;
mod texts;

pub use paper::{cells, paper_list};

/// A parser, and files to begin from.
pub struct Parser {
    pub name: &'static str,
    pub reads: fn(&[u8]),
    pub seeds: fn() -> Vec<Vec<u8>>,
}

macro_rules! parsers {
    ($($name:ident: $reads:path, $seeds:path;)+) => {
        pub const PARSERS: &[Parser] =
            &[$(Parser { name: stringify!($name), reads: $reads, seeds: $seeds }),+];
    };
}

parsers! {
    delimited: files::delimited, seeds::delimited;
    workbook: files::workbook, seeds::workbook;
    json_list: files::json_list, seeds::json_list;
    lab_messages: reports::lab_messages, seeds::lab_messages;
    lab_bundles: reports::lab_bundles, seeds::lab_bundles;
    instrument_files: reports::instrument_files, seeds::instrument_files;
    paper_lists: reports::paper_lists, seeds::paper_lists;
    tubes_told: reports::tubes_told, seeds::tubes_told;
    map_file: texts::map_file, seeds::map_file;
    boundaries: texts::boundaries, seeds::boundaries;
    region_table: texts::region_table, seeds::region_table;
    disease_pack: texts::disease_pack, seeds::disease_pack;
    role_pack: texts::role_pack, seeds::role_pack;
    mentions: texts::mentions, seeds::mentions;
    streams: texts::streams, seeds::streams;
    fusion_settings: texts::fusion_settings, seeds::fusion_settings;
    small_words: texts::small_words, seeds::small_words;
}

pub fn parser(name: &str) -> Option<&'static Parser> {
    PARSERS.iter().find(|parser| parser.name == name)
}

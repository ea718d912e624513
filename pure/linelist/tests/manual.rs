//! The manual page says what the code does.

use linelist::{Fact, MapFile};

const PAGE: &str = include_str!("../../../docs/import.md");

#[test]
fn every_field_stands_in_the_manual() {
    let missing: Vec<&str> = Fact::ALL
        .iter()
        .map(|fact| fact.word())
        .filter(|word| !PAGE.contains(&format!("`{word}`")))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn the_mapping_of_the_manual_can_be_read() {
    let example = PAGE.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let map = MapFile::read(example).unwrap();
    assert_eq!((map.columns.len(), map.defaults.year), (4, Some(2022)));
}

//! A word a laboratory meets on a screen and nobody has explained is a word two people will use in two senses.

use lab::{AreaClass, Call, CountsFrom, Discrepancy, Doubt, Guide, SampledAlone, TubeKind, TubeState};
use packs::{ControlKind, Reads};

const GLOSSARY: &str = include_str!("../../../GLOSSARY.md");

#[test]
fn every_closed_word_of_a_laboratorys_day_has_its_row() {
    let words = [
        TubeKind::ALL.iter().map(|word| word.word()).collect::<Vec<_>>(),
        TubeState::ALL.iter().map(|word| word.word()).collect(),
        ControlKind::ALL.iter().map(|word| word.word()).collect(),
        Reads::ALL.iter().map(|word| word.word()).collect(),
        CountsFrom::ALL.iter().map(|word| word.word()).collect(),
        AreaClass::ALL.iter().map(|word| word.word()).collect(),
        Guide::ALL.iter().map(|word| word.word()).collect(),
        SampledAlone::ALL.iter().map(|word| word.word()).collect(),
        Doubt::ALL.iter().map(|word| word.word()).collect(),
        Discrepancy::ALL.iter().map(|word| word.word()).collect(),
        Call::ALL.iter().map(|word| word.word()).collect(),
    ];
    for word in words.concat() {
        assert!(GLOSSARY.contains(&format!("`{word}`")), "GLOSSARY.md has no row with `{word}`");
    }
}

//! A word the code uses and nobody has explained is a word two people will use in two senses.

use cases::{
    Annex2Conclusion, Annex2Disease, Annex2Question, Classification, ContactClass, DateKind, Early,
    EmergencyGrade, EmergencyKind, Evidence, ExposureKind, Found, Milestone, Outcome, Sex,
};

const GLOSSARY: &str = include_str!("../../../GLOSSARY.md");
const SOURCES: &str = include_str!("../../../docs/sources.md");

#[test]
fn every_closed_word_of_the_cases_room_has_its_row() {
    let words = [
        Classification::ALL.iter().map(|word| word.word()).collect::<Vec<_>>(),
        DateKind::ALL.iter().map(|word| word.word()).collect(),
        Early::ALL.iter().map(|word| word.word()).collect(),
        Evidence::ALL.iter().map(|word| word.word()).collect(),
        ContactClass::ALL.iter().map(|word| word.word()).collect(),
        ExposureKind::ALL.iter().map(|word| word.word()).collect(),
        Found::ALL.iter().map(|word| word.word()).collect(),
        Outcome::ALL.iter().map(|word| word.word()).collect(),
        Sex::ALL.iter().map(|word| word.word()).collect(),
        Milestone::ALL.iter().map(|word| word.word()).collect(),
        Annex2Disease::ALL.iter().map(|word| word.word()).collect(),
        Annex2Question::ALL.iter().map(|word| word.word()).collect(),
        Annex2Conclusion::ALL.iter().map(|word| word.word()).collect(),
        EmergencyKind::ALL.iter().map(|word| word.word()).collect(),
        EmergencyGrade::ALL
            .iter()
            .filter(|grade| !matches!(grade, EmergencyGrade::II | EmergencyGrade::III))
            .map(|word| word.word())
            .collect(),
    ];
    for word in words.concat() {
        assert!(GLOSSARY.contains(&format!("`{word}`")), "GLOSSARY.md has no row with `{word}`");
    }
}

#[test]
fn every_row_says_something_in_both_languages() {
    let rows = GLOSSARY.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| word"));
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
        let chinese = cells[1].chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
        assert!(chinese, "no Chinese in: {row}");
    }
}

#[test]
fn every_paper_the_glossary_and_the_packs_lean_on_is_listed() {
    for anchor in GLOSSARY.split("docs/sources.md#").skip(1).filter_map(|rest| rest.split(')').next()) {
        let wanted = format!("<a id=\"{anchor}\"></a>");
        assert!(SOURCES.contains(&wanted), "docs/sources.md has no anchor {anchor}");
    }
    for (name, text) in packs::shipped::DISEASES {
        for rest in text.split("doi:").skip(1) {
            let doi =
                rest.split(|c: char| c.is_whitespace() || ",;:\"".contains(c)).next().unwrap_or_default();
            // A DOI may hold brackets of its own; a bracket too many belongs to the sentence around it.
            let closes = doi.matches(')').count() > doi.matches('(').count();
            let doi = doi.trim_end_matches('.');
            let doi = if closes { doi.trim_end_matches(')') } else { doi };
            assert!(SOURCES.contains(doi), "{name} cites doi:{doi}, which docs/sources.md does not list");
        }
    }
}

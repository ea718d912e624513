//! The measures pack: what may be ordered, on which articles, by which government, for how long, what it costs and what it
//! may do to R.
//!
//! Deliberately absent: whether a certain order may be given; that is `pure/control`.

use crate::fault::{Check, read_toml};
use crate::{Bilingual, Confidence, Faults, GatheringRules, GovernmentLevel, Laws};
use base::Territory;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything about measures, from its five files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measures {
    pub laws: Laws,
    pub vocabulary: Vocabulary,
    pub catalogue: Catalogue,
    pub economy: Economy,
    pub gatherings: GatheringRules,
}

/// A number nobody knows exactly: a value between two ends, with where it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub source: String,
    pub confidence: Confidence,
}

impl Prior {
    /// Faults of a prior whose ends must lie within `least..=most`.
    pub(crate) fn check(&self, check: &mut Check<'_>, key: &str, least: f64, most: f64) {
        check.said(&self.source, &format!("{key}.source"));
        check.unless(
            least <= self.low && self.low <= self.value && self.value <= self.high && self.high <= most,
            key,
            &format!("is not low <= value <= high within {least} and {most}"),
            "put the three in order",
        );
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    pub version: String,
    pub lift_criteria: Vec<Bilingual>,
    pub duties: Vec<Bilingual>,
    pub kinds: Vec<MeasureKind>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureKind {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// What it asks of people, as the notice says it.
    pub asks_zh: String,
    pub asks_en: String,
    #[serde(default)]
    pub oxcgrt: Option<PolicyLevel>,
    /// Articles it may rest on, `text/article`.
    pub basis: Vec<String>,
    /// The lowest government that may order it.
    pub gives: GovernmentLevel,
    pub longest_days: u16,
    pub lift: Vec<String>,
    pub duties: Vec<String>,
    /// Gatherings above this size may not take place while it is in force.
    #[serde(default)]
    pub gatherings_to: Option<u32>,
    /// The share of what the affected people produce in a day that is lost.
    pub output_lost: Prior,
    /// Money spent per affected person and day.
    pub direct_cny: Prior,
    /// The share by which R falls; a prior, on its own and nowhere in particular.
    #[serde(default)]
    pub effect: Option<Prior>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyLevel {
    pub code: String,
    pub level: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    pub version: String,
    pub source: String,
    pub confidence: Confidence,
    pub indicators: Vec<PolicyIndicator>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyIndicator {
    pub code: String,
    pub zh: String,
    pub en: String,
    /// Chinese and English, from nothing to the strictest.
    pub levels: Vec<[String; 2]>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Economy {
    pub version: String,
    pub places: Vec<Output>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub territory: Territory,
    pub output_cny_per_person_day: Prior,
}

/// The texts of the five files.
#[derive(Debug, Clone, Copy)]
pub struct MeasureFiles<'a> {
    pub laws: &'a str,
    pub vocabulary: &'a str,
    pub catalogue: &'a str,
    pub economy: &'a str,
    pub gatherings: &'a str,
}

impl Measures {
    /// # Errors
    /// Everything that is wrong with the first file that has faults, each with its key and a remedy.
    pub fn read(files: MeasureFiles<'_>) -> Result<Measures, Faults> {
        let laws: Laws = read_toml(LAWS, files.laws)?;
        let mut check = Check::of(LAWS);
        laws.check(&mut check);
        let laws = check.finish(laws)?;

        let vocabulary: Vocabulary = read_toml(VOCABULARY, files.vocabulary)?;
        let mut check = Check::of(VOCABULARY);
        vocabulary.check(&mut check);
        let vocabulary = check.finish(vocabulary)?;

        let catalogue: Catalogue = read_toml(CATALOGUE, files.catalogue)?;
        let mut check = Check::of(CATALOGUE);
        for kind in &catalogue.kinds {
            catalogue.check_words(kind, &mut check);
            check_basis(kind, &laws, &mut check);
            check_level(kind, &vocabulary, &mut check);
            check_priors(kind, &mut check);
        }
        for (list, words) in [("lift_criteria", &catalogue.lift_criteria), ("duties", &catalogue.duties)] {
            words.iter().for_each(|word| word.check(&mut check, list));
        }
        let catalogue = check.finish(catalogue)?;

        let economy: Economy = read_toml(ECONOMY, files.economy)?;
        let mut check = Check::of(ECONOMY);
        economy.check(&mut check);
        let economy = check.finish(economy)?;
        let gatherings = GatheringRules::read(files.gatherings)?;
        Ok(Measures { laws, vocabulary, catalogue, economy, gatherings })
    }

    pub fn kind(&self, id: &str) -> Option<&MeasureKind> {
        self.catalogue.kinds.iter().find(|kind| kind.id == id)
    }

    /// The version that stands with every order this pack let through.
    pub fn version(&self) -> String {
        format!("measures@{}+laws@{}", self.catalogue.version, self.laws.version)
    }
}

impl Economy {
    /// Of the narrowest place of the pack that holds the territory.
    pub fn output(&self, territory: &Territory) -> Option<&Prior> {
        let holding = self.places.iter().filter(|place| place.territory.holds(territory));
        holding.max_by_key(|place| place.territory.depth()).map(|place| &place.output_cny_per_person_day)
    }

    fn check(&self, check: &mut Check<'_>) {
        let mut seen = BTreeSet::new();
        for place in &self.places {
            let key = format!("places.{}.output_cny_per_person_day", place.territory);
            check.unless(seen.insert(&place.territory), &key, "stands twice", "keep one of the two");
            place.output_cny_per_person_day.check(check, &key, 0.0, 100_000.0);
        }
        check.unless(
            self.places.iter().any(|place| place.territory.path().is_empty()),
            "places",
            "has no entry for the whole country",
            "add one with an empty territory, for places nobody has written down",
        );
    }
}

impl Vocabulary {
    fn check(&self, check: &mut Check<'_>) {
        let mut seen = BTreeSet::new();
        for one in &self.indicators {
            let key = format!("indicators.{}", one.code);
            check.unless(seen.insert(&one.code), &key, "appears twice", "keep one of the two");
            check.said(&one.zh, &format!("{key}.zh"));
            check.said(&one.en, &format!("{key}.en"));
            check.unless(
                one.levels.len() > 1,
                &key,
                "has no levels",
                "write them from nothing to the strictest",
            );
            for words in one.levels.iter().flatten() {
                check.said(words, &format!("{key}.levels"));
            }
        }
    }
}

impl Catalogue {
    fn check_words(&self, kind: &MeasureKind, check: &mut Check<'_>) {
        let key = |field: &str| format!("kinds.{}.{field}", kind.id);
        let same = self.kinds.iter().filter(|other| other.id == kind.id).count();
        check.unless(same == 1, &key("id"), "appears twice", "keep one of the two");
        for (field, said) in
            [("zh", &kind.zh), ("en", &kind.en), ("asks_zh", &kind.asks_zh), ("asks_en", &kind.asks_en)]
        {
            check.said(said, &key(field));
        }
        check.unless(
            (1..=366).contains(&kind.longest_days),
            &key("longest_days"),
            "is no length of an order",
            "write 1 to 366: every measure has an end",
        );
        check.unless(
            !kind.lift.is_empty(),
            &key("lift"),
            "is empty",
            "say by which criteria it is lifted: no measure outlives its reason",
        );
        for (field, words, known) in
            [("lift", &kind.lift, &self.lift_criteria), ("duties", &kind.duties, &self.duties)]
        {
            for word in words.iter().filter(|word| known.iter().all(|one| one.id != **word)) {
                check.fault(
                    &key(field),
                    format!("`{word}` is not a word of this pack"),
                    "add it to the list above or correct it",
                );
            }
        }
    }
}

fn check_basis(kind: &MeasureKind, laws: &Laws, check: &mut Check<'_>) {
    let key = format!("kinds.{}.basis", kind.id);
    check.unless(
        !kind.basis.is_empty(),
        &key,
        "is empty",
        "name the article it rests on: no measure without one",
    );
    for citation in &kind.basis {
        match laws.find(citation) {
            None => check.fault(
                &key,
                format!("`{citation}` is no article of laws.toml"),
                "write text/article, such as cn-idl-2004/42, or add the article",
            ),
            Some((_, article)) => check.unless(
                kind.gives <= article.level,
                &format!("kinds.{}.gives", kind.id),
                "is lower than the article lets decide",
                "name the government of the article, or one above it",
            ),
        }
    }
}

fn check_level(kind: &MeasureKind, vocabulary: &Vocabulary, check: &mut Check<'_>) {
    let Some(policy) = &kind.oxcgrt else { return };
    let known = vocabulary.indicators.iter().find(|one| one.code == policy.code);
    check.unless(
        known.is_some_and(|one| usize::from(policy.level) < one.levels.len()),
        &format!("kinds.{}.oxcgrt", kind.id),
        "is no indicator and level of the vocabulary",
        "name one of vocabulary.toml, such as { code = \"C6\", level = 3 }",
    );
}

fn check_priors(kind: &MeasureKind, check: &mut Check<'_>) {
    kind.output_lost.check(check, &format!("kinds.{}.output_lost", kind.id), 0.0, 1.0);
    kind.direct_cny.check(check, &format!("kinds.{}.direct_cny", kind.id), 0.0, 100_000.0);
    if let Some(effect) = &kind.effect {
        effect.check(check, &format!("kinds.{}.effect", kind.id), -1.0, 1.0);
    }
}

const LAWS: &str = "measures/laws";
const VOCABULARY: &str = "measures/vocabulary";
const CATALOGUE: &str = "measures/measures";
const ECONOMY: &str = "measures/economy";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Approval, ClassCn, class_on, shipped};
    use base::Day;

    fn faults(
        change: impl FnOnce(&mut MeasureFiles<'_>, &dyn Fn(&'static str, &str, &str) -> String) -> String,
    ) -> String {
        let mut files = shipped::MEASURES;
        let replaced = |text: &'static str, from: &str, to: &str| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "the test changed nothing");
            changed
        };
        change(&mut files, &replaced)
    }

    fn catalogue_with(from: &str, to: &str) -> String {
        faults(|files, replaced| {
            let text = replaced(shipped::MEASURES.catalogue, from, to);
            Measures::read(MeasureFiles { catalogue: &text, ..*files }).unwrap_err().to_string()
        })
    }

    fn laws_with(from: &str, to: &str) -> String {
        faults(|files, replaced| {
            let text = replaced(shipped::MEASURES.laws, from, to);
            Measures::read(MeasureFiles { laws: &text, ..*files }).unwrap_err().to_string()
        })
    }

    #[test]
    fn the_shipped_packs_are_sound_and_every_word_of_the_tracker_has_a_kind() {
        let measures = shipped::measures().unwrap_or_else(|faults| panic!("{faults}"));
        let codes: BTreeSet<&str> = measures
            .catalogue
            .kinds
            .iter()
            .filter_map(|kind| Some(kind.oxcgrt.as_ref()?.code.as_str()))
            .collect();
        let all: BTreeSet<&str> =
            measures.vocabulary.indicators.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, all);
        assert_eq!(all.len(), 14);
    }

    #[test]
    fn on_every_day_since_2004_each_kind_has_an_article_in_force_or_says_which_text_came_later() {
        let measures = shipped::measures().unwrap();
        for day in ["2022-02-24", "2025-08-31", "2025-09-01", "2026-11-26"] {
            let day: Day = day.parse().unwrap();
            for kind in &measures.catalogue.kinds {
                let in_force = kind.basis.iter().filter(|citation| {
                    measures.laws.find(citation).is_some_and(|(text, _)| text.in_force_on(day))
                });
                assert!(in_force.count() > 0, "{} on {day}", kind.id);
            }
        }
    }

    #[test]
    fn emergency_measures_are_approved_beforehand_and_isolation_of_a_place_is_told_at_once() {
        let laws = shipped::measures().unwrap().laws;
        let approval = |citation: &str| laws.find(citation).unwrap().1.approval;
        assert_eq!(approval("cn-idl-2004/42"), Approval::Before);
        assert_eq!(approval("cn-idl-2004/43"), Approval::Before);
        assert_eq!(approval("cn-idl-2004/41"), Approval::AtOnce);
        assert_eq!(approval("cn-idl-2004/45"), Approval::None);
    }

    #[test]
    fn covid_counted_as_class_a_until_the_seventh_of_january_2023() {
        let diseases = shipped::diseases().unwrap();
        let delta = diseases.by_id("covid-19-delta").unwrap();
        assert_eq!(class_on(delta, "2022-02-24".parse().unwrap()), Some(ClassCn::A));
        assert_eq!(class_on(delta, "2023-01-08".parse().unwrap()), Some(ClassCn::B));
    }

    #[test]
    fn an_article_that_does_not_exist_is_refused_with_what_to_write() {
        let refusal = catalogue_with("\"cn-idl-2004/41\"", "\"cn-idl-2004/411\"");
        assert!(
            refusal.contains("kinds.seal_building.basis: `cn-idl-2004/411` is no article of laws.toml"),
            "{refusal}"
        );
    }

    #[test]
    fn a_measure_without_an_end_a_basis_or_a_way_to_be_lifted_is_refused() {
        assert!(catalogue_with("longest_days = 14", "longest_days = 0").contains("every measure has an end"));
        let refusal = catalogue_with("[\"cn-idl-2004/41\", \"cn-idl-2025/place-isolation\"]", "[]");
        assert!(refusal.contains("no measure without one"), "{refusal}");
        let refusal = catalogue_with(
            "[\"no_new_cases\", \"contacts_released\", \"round_clean\", \"end_reached\"]",
            "[]",
        );
        assert!(refusal.contains("no measure outlives its reason"), "{refusal}");
    }

    #[test]
    fn a_county_is_not_given_what_the_law_gives_a_province() {
        let refusal = catalogue_with("gives = \"province\"", "gives = \"county\"");
        assert!(
            refusal.contains("kinds.seal_area.gives: is lower than the article lets decide"),
            "{refusal}"
        );
    }

    #[test]
    fn an_interval_that_does_not_hold_its_value_is_refused() {
        let refusal = catalogue_with("value = 0.54, low = 0.40", "value = 0.34, low = 0.40");
        assert!(refusal.contains("kinds.seal_building.output_lost"), "{refusal}");
    }

    #[test]
    fn a_text_that_ends_before_it_begins_is_refused() {
        let refusal = laws_with("to = 2025-08-31", "to = 2003-08-31");
        assert!(refusal.contains("texts.cn-idl-2004.to: ends before it begins"), "{refusal}");
    }

    #[test]
    fn a_shape_that_is_wrong_is_told_with_its_line() {
        let refusal = laws_with("approval = \"before\"", "approval = \"never\"");
        assert!(refusal.contains("pack measures/laws, line ") && refusal.contains("never"), "{refusal}");
    }

    #[test]
    fn money_is_counted_by_the_narrowest_place_that_is_written_down() {
        let economy = shipped::measures().unwrap().economy;
        let of = |path: &str| economy.output(&path.parse().unwrap()).unwrap().value;
        assert_eq!((of("14/1407/140703"), of("31")), (178.0, 222.0));
    }
}

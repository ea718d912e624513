//! The pack of gatherings: capacity by the level of the zone, what organisers owe, and the numbers of crowd risk.

use crate::fault::{Check, read_toml};
use crate::{Bilingual, Cited, Confidence, Faults, Prior};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatheringRules {
    pub version: String,
    /// The family of diseases the numbers of crowd risk are of.
    pub family: String,
    /// From no zone at all to the strictest.
    pub capacities: Vec<Capacity>,
    /// Up to this size no permit is needed unless an order says so.
    pub small: Cited<u32>,
    pub duties: Vec<Bilingual>,
    pub activities: Vec<Activity>,
    pub crowd: CrowdPriors,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    pub level: String,
    /// The same step in other editions' words.
    pub also: Vec<String>,
    pub most: u32,
    pub square_metres: f64,
    pub litres_per_second: f64,
    pub hours: u32,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub breath_m3_per_hour: Prior,
    pub quanta_per_hour: Prior,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrowdPriors {
    pub ascertainment: Prior,
    pub days_about: Prior,
    pub dispersion: Prior,
    pub party: Prior,
    pub party_attack: Prior,
    pub masks_pass: Prior,
    pub outdoor_litres_per_second: Prior,
}

impl GatheringRules {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str) -> Result<GatheringRules, Faults> {
        let rules: GatheringRules = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        check.said(&rules.family, "family");
        rules.check_capacities(&mut check);
        rules.duties.iter().for_each(|duty| duty.check(&mut check, "duties"));
        for one in &rules.activities {
            let key = |field: &str| format!("activities.{}.{field}", one.id);
            check.said(&one.zh, &key("zh"));
            check.said(&one.en, &key("en"));
            one.breath_m3_per_hour.check(&mut check, &key("breath_m3_per_hour"), 0.0, 20.0);
            one.quanta_per_hour.check(&mut check, &key("quanta_per_hour"), 0.0, 10_000.0);
        }
        let crowd = &rules.crowd;
        for (key, prior, least, most) in [
            ("ascertainment", &crowd.ascertainment, 0.001, 1.0),
            ("days_about", &crowd.days_about, 0.0, 60.0),
            ("dispersion", &crowd.dispersion, 0.001, 100.0),
            ("party", &crowd.party, 1.0, 50.0),
            ("party_attack", &crowd.party_attack, 0.0, 1.0),
            ("masks_pass", &crowd.masks_pass, 0.0, 1.0),
            ("outdoor_litres_per_second", &crowd.outdoor_litres_per_second, 0.1, 100_000.0),
        ] {
            prior.check(&mut check, &format!("crowd.{key}"), least, most);
        }
        check.finish(rules)
    }

    /// The rule of a level, by its own word or another edition's.
    pub fn capacity(&self, level: &str) -> Option<&Capacity> {
        self.capacities.iter().find(|one| one.level == level || one.also.iter().any(|word| word == level))
    }

    /// How strict a level is; one no rule is written for is the strictest.
    pub fn strictness(&self, level: &str) -> usize {
        let rule = self.capacity(level).map(|rule| rule.level.as_str());
        self.capacities.iter().position(|one| Some(one.level.as_str()) == rule).unwrap_or(usize::MAX)
    }

    pub fn activity(&self, id: &str) -> Option<&Activity> {
        self.activities.iter().find(|one| one.id == id)
    }

    fn check_capacities(&self, check: &mut Check<'_>) {
        let mut seen = BTreeSet::new();
        let mut before: Option<&Capacity> = None;
        for one in &self.capacities {
            let key = |field: &str| format!("capacities.{}.{field}", one.level);
            for word in std::iter::once(&one.level).chain(&one.also) {
                check.unless(seen.insert(word), &key("level"), "stands twice", "keep one of the two");
            }
            check.said(&one.source, &key("source"));
            check.unless(
                one.square_metres > 0.0 && one.litres_per_second > 0.0 && one.hours > 0,
                &key("square_metres"),
                "and the numbers beside it must be above 0",
                "write what each person needs",
            );
            let is_stricter = before.is_none_or(|looser| {
                one.most <= looser.most
                    && one.square_metres >= looser.square_metres
                    && one.litres_per_second >= looser.litres_per_second
                    && one.hours <= looser.hours
            });
            check.unless(
                is_stricter,
                &key("most"),
                "lets more happen than a looser level",
                "order levels from no zone at all to the strictest",
            );
            before = Some(one);
        }
        check.unless(
            self.capacities.first().is_some_and(|first| first.level == "none"),
            "capacities",
            "does not begin with the level `none`",
            "say first what holds where there is no zone",
        );
    }
}

const PACK: &str = "measures/gatherings";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn each_edition_finds_its_own_word() {
        let rules = shipped::measures().unwrap().gatherings;
        assert_eq!(rules.capacity("lockdown"), rules.capacity("high"));
        assert!(rules.capacity("purple").is_none());
        assert!(rules.capacity("none").unwrap().most > rules.capacity("low").unwrap().most);
    }

    #[test]
    fn a_stricter_level_that_lets_more_happen_is_refused() {
        let text = shipped::MEASURES.gatherings.replacen("most = 500\n", "most = 50000\n", 1);
        let refusal = GatheringRules::read(&text).unwrap_err().to_string();
        assert!(refusal.contains("capacities.low.most: lets more happen than a looser level"), "{refusal}");
    }

    #[test]
    fn a_share_above_one_is_refused() {
        let text = shipped::MEASURES.gatherings.replacen(
            "value = 0.5, low = 0.2, high = 0.9",
            "value = 0.5, low = 0.2, high = 9.0",
            1,
        );
        assert!(GatheringRules::read(&text).unwrap_err().to_string().contains("crowd.ascertainment"));
    }
}

//! Assay packs: from which cycle on a target counts, how many targets make a positive, and what the controls of a plate must show.
//!
//! Deliberately absent: reading a run by them; that is `lab::call_well` and `lab::check_controls`.

use crate::fault::{Check, read_toml};
use crate::{Cited, Confidence, Diseases, Fault, Faults};
use cases::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// What stands in a well to show that the run can be believed.
    ControlKind, "kind of control" {
        /// Holds the targets: had they been there, the run would have shown them.
        Positive = "positive",
        /// Holds none: what is found was not brought by the reagents.
        Negative = "negative",
        /// A blank that was extracted with the samples: what is found was not carried over on the way.
        Extraction = "extraction",
    }
}

words! {
    /// What a well must show of something.
    Reads, "reading" { Found = "found", Absent = "absent", Either = "either" }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssayRule {
    pub id: String,
    pub version: String,
    pub zh: String,
    pub en: String,
    /// Disease packs it is for.
    pub diseases: Vec<String>,
    pub source: String,
    pub confidence: Confidence,
    pub min_positive_targets: Cited<u8>,
    /// From receipt to report; sooner means unmeasured.
    pub shortest_minutes: Cited<u16>,
    pub targets: Vec<Target>,
    /// Absent where nothing shows that a swab touched anybody.
    #[serde(default)]
    pub internal: Option<InternalControl>,
    pub controls: Vec<ControlRule>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub id: String,
    /// What instruments call it otherwise.
    #[serde(default)]
    pub also: Vec<String>,
    /// A Ct below this is found.
    pub positive_below: f64,
    /// From there to below this it is grey; the same number leaves no grey zone.
    pub grey_below: f64,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternalControl {
    pub id: String,
    #[serde(default)]
    pub also: Vec<String>,
    /// Found below this.
    pub latest_ct: f64,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRule {
    pub kind: ControlKind,
    /// What every target must read.
    pub targets: Reads,
    /// Where they must be found: below this Ct.
    #[serde(default)]
    pub latest_ct: Option<f64>,
    pub internal: Reads,
    pub source: String,
    pub confidence: Confidence,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Assays(Vec<AssayRule>);

impl Assays {
    /// Reads assays given as `(name, text)`.
    ///
    /// # Errors
    /// The faults of all of them together, each with pack, key or line, and a remedy.
    pub fn read<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
        diseases: &Diseases,
    ) -> Result<Assays, Faults> {
        let (mut faults, mut assays): (Vec<Fault>, Vec<AssayRule>) = (Vec::new(), Vec::new());
        for (name, text) in texts {
            match AssayRule::read(name, text, diseases) {
                Ok(assay) => assays.push(assay),
                Err(found) => faults.extend(found.0),
            }
        }
        assays.sort_by(|a, b| a.id.cmp(&b.id));
        let mut check = Check::of("assays");
        for pair in assays.windows(2).filter(|pair| pair[0].id == pair[1].id) {
            check.fault(&format!("{}.id", pair[0].id), "appears twice", "give each assay an id of its own");
        }
        faults.extend(check.into_faults().0);
        if faults.is_empty() { Ok(Assays(assays)) } else { Err(Faults(faults)) }
    }

    pub fn iter(&self) -> impl Iterator<Item = &AssayRule> {
        self.0.iter()
    }

    pub fn by_id(&self, id: &str) -> Option<&AssayRule> {
        self.0.iter().find(|assay| assay.id == id)
    }

    pub fn for_disease<'a>(&'a self, disease: &'a str) -> impl Iterator<Item = &'a AssayRule> {
        self.0.iter().filter(move |assay| assay.diseases.iter().any(|one| one == disease))
    }
}

impl AssayRule {
    fn read(name: &str, text: &str, diseases: &Diseases) -> Result<AssayRule, Faults> {
        let assay: AssayRule = read_toml(name, text)?;
        let mut check = Check::of(name);
        for (key, said) in [
            ("id", &assay.id),
            ("version", &assay.version),
            ("zh", &assay.zh),
            ("en", &assay.en),
            ("source", &assay.source),
        ] {
            check.said(said, key);
        }
        for disease in &assay.diseases {
            if diseases.by_id(disease).is_none() {
                check.fault(
                    "diseases",
                    format!("`{disease}` is no disease pack"),
                    "name one of packs/diseases",
                );
            }
        }
        check.unless(
            (1..=1440).contains(&assay.shortest_minutes.value),
            "shortest_minutes.value",
            "is no time a laboratory takes",
            "write minutes from receipt to report, such as 90",
        );
        assay.check_targets(&mut check);
        assay.check_controls(&mut check);
        check.finish(assay)
    }

    fn check_targets(&self, check: &mut Check<'_>) {
        check.unless(!self.targets.is_empty(), "targets", "are none", "name what the assay looks for");
        check.unless(
            (1..=self.targets.len()).contains(&usize::from(self.min_positive_targets.value)),
            "min_positive_targets.value",
            "is not a number of its targets",
            "write how many of them make a positive, at least 1",
        );
        for target in &self.targets {
            let key = |field: &str| format!("targets.{}.{field}", target.id);
            check.said(&target.source, &key("source"));
            check.unless(
                is_cycle(target.positive_below) && is_cycle(target.grey_below),
                &key("positive_below"),
                "is no cycle of a run",
                "write a Ct from 10 to 50, such as 37.0",
            );
            check.unless(
                target.positive_below <= target.grey_below,
                &key("grey_below"),
                "lies before positive_below",
                "the grey zone follows the positive; write the same number to have none",
            );
        }
        let internal = self.internal.iter().flat_map(|one| one.also.iter().chain([&one.id]));
        let targets = self.targets.iter().flat_map(|one| one.also.iter().chain([&one.id]));
        let mut seen = BTreeSet::new();
        for name in targets.chain(internal) {
            check.said(name, "targets.id");
            if !seen.insert(name.to_lowercase()) {
                check.fault(
                    "targets",
                    format!("`{name}` names two of them"),
                    "an instrument's name must mean one target or the internal control",
                );
            }
        }
    }

    fn check_controls(&self, check: &mut Check<'_>) {
        if let Some(internal) = &self.internal {
            let sound = is_cycle(internal.latest_ct);
            check.unless(sound, "internal.latest_ct", "is no cycle of a run", "write a Ct from 10 to 50");
            check.said(&internal.source, "internal.source");
        }
        let kinds: Vec<ControlKind> = self.controls.iter().map(|control| control.kind).collect();
        for needed in [ControlKind::Positive, ControlKind::Negative] {
            check.unless(
                kinds.iter().filter(|kind| **kind == needed).count() == 1,
                &format!("controls.{needed}"),
                "is not there once",
                "no run is believed without a positive and a negative control; give each one rule",
            );
        }
        for control in &self.controls {
            let key = |field: &str| format!("controls.{}.{field}", control.kind);
            check.said(&control.source, &key("source"));
            let wanted = if control.kind == ControlKind::Positive { Reads::Found } else { Reads::Absent };
            check.unless(
                control.targets == wanted,
                &key("targets"),
                "is not what this kind of control shows",
                "write found for the positive, absent for the others",
            );
            check.unless(
                control.latest_ct.is_some() == (control.targets == Reads::Found),
                &key("latest_ct"),
                "does not fit targets",
                "give the latest Ct where targets must be found, and nowhere else",
            );
            let latest = control.latest_ct.unwrap_or(10.0);
            check.unless(
                is_cycle(latest) && self.targets.iter().all(|target| latest <= target.positive_below),
                &key("latest_ct"),
                "is later than a positive",
                "a control that reads grey has failed; write at most positive_below",
            );
            check.unless(
                self.internal.is_some() || control.internal == Reads::Either,
                &key("internal"),
                "asks for an internal control the assay has not",
                "write either",
            );
        }
    }

    /// The target an instrument means; capitals are not told apart.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| is_named(name, &target.id, &target.also))
    }

    pub fn is_internal(&self, name: &str) -> bool {
        self.internal.as_ref().is_some_and(|internal| is_named(name, &internal.id, &internal.also))
    }

    pub fn control(&self, kind: ControlKind) -> Option<&ControlRule> {
        self.controls.iter().find(|control| control.kind == kind)
    }

    /// What every call made by it records.
    pub fn edition(&self) -> String {
        format!("{} {}", self.id, self.version)
    }
}

fn is_cycle(ct: f64) -> bool {
    (10.0..=50.0).contains(&ct)
}

fn is_named(name: &str, id: &str, also: &[String]) -> bool {
    let name = name.trim().to_lowercase();
    id.to_lowercase() == name || also.iter().any(|one| one.to_lowercase() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    fn shipped_with(from: &str, to: &str) -> Result<Assays, Faults> {
        let (name, text) = shipped::ASSAYS[0];
        assert!(text.contains(from), "{name} does not say `{from}`");
        Assays::read([(name, text.replacen(from, to, 1).as_str())], &shipped::diseases().unwrap())
    }

    #[test]
    fn what_instruments_write_finds_its_target() {
        let assays = shipped::assays().unwrap_or_else(|faults| panic!("{faults}"));
        let assay = assays.by_id("cn-sars-cov-2").unwrap();
        assert_eq!(assay.target(" orf1A/B ").unwrap().id, "ORF1ab");
        assert!(assay.is_internal("rnase p") && assay.target("rnase p").is_none());
        assert_eq!(assays.for_disease("covid-19-omicron").count(), 2);
        assert_eq!(assays.for_disease("measles").count(), 0);
    }

    #[test]
    fn every_fault_names_pack_key_and_remedy() {
        for (from, to, words) in [
            ("value = 2", "value = 3", "min_positive_targets.value: is not a number of its targets"),
            ("grey_below = 40.0", "grey_below = 36.0", "targets.ORF1ab.grey_below: lies before"),
            ("positive_below = 37.0", "positive_below = 370.0", "is no cycle of a run"),
            ("also = [\"N gene\"]", "also = [\"rnp\"]", "`RNP` names two of them"),
            ("kind = \"negative\"", "kind = \"positive\"", "controls.negative: is not there once"),
            ("targets = \"absent\"", "targets = \"found\"", "controls.negative.targets"),
            ("latest_ct = 35.0", "latest_ct = 38.0", "controls.positive.latest_ct: is later"),
            ("diseases = [\"covid-19-wild\"", "diseases = [\"corvid\"", "`corvid` is no disease pack"),
            ("min_positive_targets", "least_targets", "pack assays/cn-sars-cov-2, line"),
            ("value = 90", "value = 0", "shortest_minutes.value"),
        ] {
            let refusal = shipped_with(from, to).unwrap_err().to_string();
            assert!(refusal.contains(words), "{words} not in: {refusal}");
            assert!(refusal.contains("; "), "a remedy follows: {refusal}");
        }
    }

    #[test]
    fn two_assays_of_one_name_are_refused() {
        let twice = [shipped::ASSAYS[0], shipped::ASSAYS[0]];
        let refusal = Assays::read(twice, &shipped::diseases().unwrap()).unwrap_err().to_string();
        assert!(refusal.contains("cn-sars-cov-2.id: appears twice"), "{refusal}");
    }
}

//! The pack of result codes: how long a negative holds, and as which observation it is told to others' programs.
//!
//! Deliberately absent: until when a certain code holds; that is `lab::code_ends`.

use crate::fault::{Check, read_toml};
use crate::{Assays, Cited, Faults};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultCodes {
    pub version: String,
    /// `sampling` or `report`: where the hours begin.
    pub from: Cited<String>,
    pub hours: Cited<u32>,
    pub owed_within_hours: Cited<u32>,
    pub after_outage_hours: Cited<u32>,
    pub longest_extension_hours: Cited<u32>,
    /// More of a hundred told to come again than this, for so many minutes, are proposed as an outage.
    pub outage_refused_percent: Cited<u32>,
    pub outage_minutes: Cited<u32>,
    pub observations: Vec<Observed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    pub assay: String,
    pub loinc: String,
}

/// Four weeks: nobody is negative for longer.
const MOST_HOURS: u32 = 672;

impl ResultCodes {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str, assays: &Assays) -> Result<ResultCodes, Faults> {
        let codes: ResultCodes = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        check.said(&codes.version, "version");
        check.unless(
            matches!(codes.from.value.as_str(), "sampling" | "report"),
            "from.value",
            "is no start of a code's hours",
            "write sampling or report",
        );
        for (key, hours, least) in [
            ("hours", &codes.hours, 1),
            ("owed_within_hours", &codes.owed_within_hours, 1),
            ("after_outage_hours", &codes.after_outage_hours, 0),
            ("longest_extension_hours", &codes.longest_extension_hours, 0),
        ] {
            check.said(&hours.source, &format!("{key}.source"));
            check.unless(
                (least..=MOST_HOURS).contains(&hours.value),
                &format!("{key}.value"),
                "is no number of hours for this",
                "write whole hours, at most 672",
            );
        }
        for (key, number, most) in [
            ("outage_refused_percent", &codes.outage_refused_percent, 100),
            ("outage_minutes", &codes.outage_minutes, 5),
        ] {
            check.said(&number.source, &format!("{key}.source"));
            check.unless(
                (1..=most).contains(&number.value),
                &format!("{key}.value"),
                "is outside what is counted",
                "write a whole number: percent up to 100, minutes up to 5",
            );
        }
        let mut seen = BTreeSet::new();
        for (number, one) in codes.observations.iter().enumerate() {
            let key = |field: &str| format!("observations.{number}.{field}");
            check.unless(seen.insert(&one.assay), &key("assay"), "appears twice", "keep one of the two");
            check.unless(
                assays.by_id(&one.assay).is_some(),
                &key("assay"),
                "is no assay pack",
                "name one of packs/assays",
            );
            check.unless(
                is_loinc(&one.loinc),
                &key("loinc"),
                "is no LOINC code",
                "write digits, a hyphen and the check digit, such as 94500-6",
            );
        }
        check.finish(codes)
    }

    pub fn loinc(&self, assay: &str) -> Option<&str> {
        self.observations.iter().find(|one| one.assay == assay).map(|one| one.loinc.as_str())
    }
}

const PACK: &str = "results/result-codes";

/// Digits and their check digit by Luhn's rule, as LOINC's user guide has it.
fn is_loinc(code: &str) -> bool {
    let Some((digits, check)) = code.split_once('-') else { return false };
    let all: Option<Vec<u32>> = digits.chars().map(|letter| letter.to_digit(10)).collect();
    let Some(all) = all.filter(|all| !all.is_empty()) else { return false };
    let sum: u32 = all
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    check.parse() == Ok((10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn the_shipped_pack_is_sound_and_a_wrong_one_says_why() {
        let codes = shipped::result_codes().unwrap();
        assert_eq!((codes.hours.value, codes.from.value.as_str()), (48, "sampling"));
        assert_eq!(codes.loinc("cn-sars-cov-2"), Some("94500-6"));
        assert_eq!(codes.loinc("of goods"), None);
        let wrong = shipped::RESULT_CODES
            .replace("value = \"sampling\"", "value = \"departure\"")
            .replacen("value = 48", "value = 0", 1)
            .replacen("94500-6\"\n", "94500-7\"\n", 2)
            .replace("\"us-sars-cov-2-n1-n2\"", "\"a guess\"");
        let faults = ResultCodes::read(&wrong, &shipped::assays().unwrap()).unwrap_err();
        let keys: Vec<&str> = faults.0.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "from.value",
                "hours.value",
                "observations.0.loinc",
                "observations.1.assay",
                "observations.1.loinc"
            ]
        );
    }

    #[test]
    fn a_loinc_code_has_its_check_digit() {
        for (code, holds) in [
            ("94500-6", true),
            ("94309-2", true),
            ("2823-3", true),
            ("94500-5", false),
            ("94500", false),
            ("-0", false),
        ] {
            assert_eq!(is_loinc(code), holds, "{code}");
        }
    }
}

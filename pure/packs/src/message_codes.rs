//! The pack of codes in laboratories' messages: which observations say whether something was found, and what was found.
//!
//! Deliberately absent: a laboratory's own codes, which are mapped where they come in.

use crate::fault::{Check, read_toml};
use crate::{Diseases, Faults};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageCodes {
    pub version: String,
    pub tests: Vec<TestCode>,
    pub results: Vec<ResultCode>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCode {
    pub system: String,
    pub code: String,
    /// `presence` or `cycles`.
    pub means: String,
    /// Of which diseases it tells the presence.
    pub diseases: Vec<String>,
    pub source: String,
    pub confidence: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultCode {
    pub system: String,
    pub code: String,
    /// A call of a well, in the words of `lab::Call`.
    pub call: String,
    /// What a person reads.
    pub text: String,
    pub source: String,
    pub confidence: String,
}

impl MessageCodes {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str, diseases: &Diseases) -> Result<MessageCodes, Faults> {
        let codes: MessageCodes = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        check.said(&codes.version, "version");
        let mut seen = BTreeSet::new();
        for (number, one) in codes.tests.iter().enumerate() {
            let key = |field: &str| format!("tests.{number}.{field}");
            check.said(&one.system, &key("system"));
            check.said(&one.code, &key("code"));
            check.said(&one.source, &key("source"));
            check_confidence(&mut check, &one.confidence, &key("confidence"));
            let is_new = seen.insert((&one.system, &one.code));
            check.unless(is_new, &key("code"), "appears twice", "keep one of the two");
            let means = matches!(one.means.as_str(), "presence" | "cycles");
            check.unless(means, &key("means"), "is no meaning of a test", "write presence or cycles");
            let known = one.diseases.iter().all(|id| diseases.by_id(id).is_some());
            check.unless(known, &key("diseases"), "names no disease pack", "name those of packs/diseases");
            check.unless(
                (one.means == "presence") != one.diseases.is_empty(),
                &key("diseases"),
                "does not fit what the test means",
                "name the diseases whose presence it tells, and none otherwise",
            );
        }
        let mut seen = BTreeSet::new();
        for (number, one) in codes.results.iter().enumerate() {
            let key = |field: &str| format!("results.{number}.{field}");
            check.said(&one.system, &key("system"));
            check.said(&one.code, &key("code"));
            check.said(&one.call, &key("call"));
            check.said(&one.text, &key("text"));
            check.said(&one.source, &key("source"));
            check_confidence(&mut check, &one.confidence, &key("confidence"));
            let is_new = seen.insert((&one.system, &one.code));
            check.unless(is_new, &key("code"), "appears twice", "keep one of the two");
        }
        check.finish(codes)
    }

    pub fn test(&self, system: &str, code: &str) -> Option<&TestCode> {
        self.tests.iter().find(|one| one.system == system && one.code == code)
    }

    /// The LOINC code of `system|code`, when it tells presence.
    pub fn loinc_of(&self, named: &str) -> Option<&str> {
        let (system, code) = named.split_once('|')?;
        let known = self.test(system, code).filter(|one| system == LOINC && one.means == "presence");
        known.map(|one| one.code.as_str())
    }

    pub fn result(&self, system: &str, code: &str) -> Option<&ResultCode> {
        self.results.iter().find(|one| one.system == system && one.code == code)
    }
}

const PACK: &str = "results/message-codes";
const LOINC: &str = "http://loinc.org";

fn check_confidence(check: &mut Check<'_>, confidence: &str, key: &str) {
    let known = matches!(confidence, "sourced" | "memory" | "memory_low");
    check.unless(known, key, "is no degree of confidence", "write sourced, memory or memory_low");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn the_shipped_pack_is_sound_and_a_wrong_one_says_why() {
        let codes = shipped::message_codes().unwrap();
        assert_eq!(codes.test("http://loinc.org", "94309-2").unwrap().means, "presence");
        assert_eq!(codes.result("http://snomed.info/sct", "260415000").unwrap().call, "negative");
        assert_eq!(codes.test("http://loinc.org", "2160-0"), None);
        assert_eq!(codes.loinc_of("http://loinc.org|94309-2"), Some("94309-2"));
        assert_eq!(codes.loinc_of("http://loinc.org|94745-7"), None);
        let wrong = shipped::MESSAGE_CODES
            .replacen("means = \"presence\"", "means = \"absence\"", 1)
            .replacen("\"covid-19-wild\"", "\"a guess\"", 1)
            .replacen("94500-6", "94309-2", 1)
            .replacen("confidence = \"memory\"", "confidence = \"sure\"", 1);
        let faults = MessageCodes::read(&wrong, &shipped::diseases().unwrap()).unwrap_err();
        let keys: Vec<&str> = faults.0.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(
            keys,
            ["tests.0.means", "tests.0.diseases", "tests.0.diseases", "tests.1.code", "results.5.confidence"]
        );
    }
}

//! Codes with the system they belong to. One system has several names on paper; here it has one.

use serde::{Deserialize, Serialize};

/// What somebody said with a code, in one or more systems, and in their own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coded {
    pub codings: Vec<Coding>,
    pub text: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coding {
    pub system: Option<CodeSystem>,
    pub code: Option<String>,
    pub text: Option<String>,
    pub version: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum CodeSystem {
    Loinc,
    Snomed,
    Ucum,
    /// A table of HL7 version 2, by its four digits.
    Hl7Table(String),
    /// A system without a name of its own here, as it came.
    Other(String),
}

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const UCUM: &str = "http://unitsofmeasure.org";
const TABLES: &str = "http://terminology.hl7.org/CodeSystem/v2-";
/// An address needs a scheme; a name that is none gets this one on the way out and loses it on the way in.
const NAMED: &str = "urn:x-hl7v2:";

impl CodeSystem {
    /// A system by its name in a message of version 2. Laboratories write `SCT`, some public generators `SNM`.
    pub fn of_name(name: &str) -> CodeSystem {
        match name {
            "LN" => CodeSystem::Loinc,
            "SCT" | "SNM" | "SNOMED" | "SNOMED-CT" => CodeSystem::Snomed,
            "UCUM" => CodeSystem::Ucum,
            _ => match name.strip_prefix("HL7") {
                Some(table) if is_table(table) => CodeSystem::Hl7Table(table.to_owned()),
                _ => CodeSystem::Other(name.to_owned()),
            },
        }
    }

    pub fn name(&self) -> String {
        match self {
            CodeSystem::Loinc => "LN".to_owned(),
            CodeSystem::Snomed => "SCT".to_owned(),
            CodeSystem::Ucum => "UCUM".to_owned(),
            CodeSystem::Hl7Table(table) => format!("HL7{table}"),
            CodeSystem::Other(name) => name.clone(),
        }
    }

    /// A system by its address in a FHIR resource.
    pub fn of_address(address: &str) -> CodeSystem {
        match address {
            LOINC => CodeSystem::Loinc,
            SNOMED => CodeSystem::Snomed,
            UCUM => CodeSystem::Ucum,
            _ => match (address.strip_prefix(TABLES), address.strip_prefix(NAMED)) {
                (Some(table), _) if is_table(table) => CodeSystem::Hl7Table(table.to_owned()),
                (_, Some(name)) if !name.is_empty() => CodeSystem::Other(name.to_owned()),
                _ => CodeSystem::Other(address.to_owned()),
            },
        }
    }

    pub fn address(&self) -> String {
        match self {
            CodeSystem::Loinc => LOINC.to_owned(),
            CodeSystem::Snomed => SNOMED.to_owned(),
            CodeSystem::Ucum => UCUM.to_owned(),
            CodeSystem::Hl7Table(table) => format!("{TABLES}{table}"),
            CodeSystem::Other(name) if name.contains(':') => name.clone(),
            CodeSystem::Other(name) => format!("{NAMED}{name}"),
        }
    }
}

fn is_table(digits: &str) -> bool {
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<String> for CodeSystem {
    fn from(address: String) -> CodeSystem {
        CodeSystem::of_address(&address)
    }
}

impl From<CodeSystem> for String {
    fn from(system: CodeSystem) -> String {
        system.address()
    }
}

impl Coding {
    pub fn is_blank(&self) -> bool {
        self.code.is_none() && self.text.is_none() && self.system.is_none()
    }
}

impl Coded {
    pub fn one(system: CodeSystem, code: &str, text: &str) -> Coded {
        let coding = Coding {
            system: Some(system),
            code: Some(code.to_owned()),
            text: Some(text.to_owned()),
            version: None,
        };
        Coded { codings: vec![coding], text: None }
    }

    pub fn is_blank(&self) -> bool {
        self.codings.is_empty() && self.text.is_none()
    }

    /// The code in this system, when there is one.
    pub fn code_in(&self, system: &CodeSystem) -> Option<&str> {
        self.codings.iter().find(|coding| coding.system.as_ref() == Some(system))?.code.as_deref()
    }

    /// What a person can read: the sender's own words, a code's text, or at least a code.
    pub fn words(&self) -> Option<&str> {
        let texts = self.codings.iter().filter_map(|coding| coding.text.as_deref());
        let codes = self.codings.iter().filter_map(|coding| coding.code.as_deref());
        self.text.as_deref().or_else(|| texts.chain(codes).next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_system_has_one_name_here_and_its_own_on_either_paper() {
        for (name, address) in [
            ("LN", LOINC),
            ("SCT", SNOMED),
            ("HL70136", "http://terminology.hl7.org/CodeSystem/v2-0136"),
            ("99QUELL", "urn:x-hl7v2:99QUELL"),
            ("urn:oid:1.2.3", "urn:oid:1.2.3"),
        ] {
            let system = CodeSystem::of_name(name);
            assert_eq!((system.name().as_str(), system.address().as_str()), (name, address));
            assert_eq!(CodeSystem::of_address(address), system);
        }
        assert_eq!(CodeSystem::of_name("SNM"), CodeSystem::Snomed);
    }
}

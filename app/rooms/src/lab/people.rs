//! Who is in a tube: positions that say nothing of anybody, and one sealed envelope with names for each time it was registered.

use serde::{Deserialize, Serialize};
use store::{Result, SubjectKey, Vault};

/// How somebody was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Their own code, made on their own telephone.
    Code,
    /// A card or a number that was read or typed.
    Number,
    /// A line of a paper list, typed in later.
    Paper,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    IdCard,
    Passport,
    Other,
    /// Somebody without papers is known by those of whoever brings them, and by name.
    Guardian,
    None,
}

impl Document {
    pub fn word(self) -> &'static str {
        match self {
            Document::IdCard => "id_card",
            Document::Passport => "passport",
            Document::Other => "other",
            Document::Guardian => "guardian",
            Document::None => "none",
        }
    }
}

/// One place in a tube, as the journal and the tables hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swab {
    #[serde(rename = "p")]
    pub position: u8,
    pub at: i64,
    #[serde(rename = "w")]
    pub way: Way,
    /// The same for the same document, and nothing that can be read back.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// What the secret in somebody's own code is known by.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Sheet and line of a paper list.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Which envelope tells the name, and under which place; where nothing stands, the first one under this place.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub told_in: Option<(usize, u8)>,
}

impl Swab {
    /// By what the same person is known on two telephones; of whom nothing is known, their place is all there is.
    pub fn person(&self) -> String {
        match (&self.mark, &self.holder) {
            (Some(mark), _) => mark.clone(),
            (None, Some(holder)) => known_holder(holder),
            (None, None) => format!("#{}|{:?}", self.position, self.sheet),
        }
    }

    /// Under what somebody is found, and the place they stand at.
    pub fn known_by(&self) -> impl Iterator<Item = (String, u8)> + '_ {
        let holder = self.holder.as_ref().map(|holder| known_holder(holder));
        self.mark.clone().into_iter().chain(holder).map(|who| (who, self.position))
    }
}

/// A holder's name in the index; marks have no colon.
pub(crate) fn known_holder(holder: &str) -> String {
    format!("h:{holder}")
}

/// What is sealed of one place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    #[serde(rename = "p")]
    pub position: u8,
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    #[serde(rename = "i", default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(rename = "b", default, skip_serializing_if = "String::is_empty")]
    pub born: String,
}

/// An envelope and whose key opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub owner: String,
    pub text: String,
}

pub(crate) fn sealing(owner: &str) -> String {
    format!("lab_tube.sealed|{owner}")
}

pub(crate) fn seal(key: &SubjectKey, owner: &str, named: &[Named]) -> Result<Envelope> {
    Ok(Envelope { owner: owner.to_owned(), text: key.seal(&sealing(owner), &named)? })
}

/// Who stands at each place whose envelope still opens.
pub(crate) fn open(
    query: &mut dyn store::Query,
    people: &[Swab],
    envelopes: &[Envelope],
) -> Result<Vec<Named>> {
    let mut opened: Vec<Vec<Named>> = Vec::with_capacity(envelopes.len());
    for Envelope { owner, text } in envelopes {
        opened.push(match Vault::key_of(query, owner)? {
            Some(key) => key.open(&sealing(owner), text)?,
            None => Vec::new(),
        });
    }
    let named = people.iter().filter_map(|swab| {
        let (envelope, place) = swab.told_in.unwrap_or((0, swab.position));
        let found = opened.get(envelope)?.iter().find(|named| named.position == place)?;
        Some(Named { position: swab.position, ..found.clone() })
    });
    Ok(named.collect())
}

/// The same document gives the same mark, however it is written. A person without papers is marked by their guardian's and
/// their own name; somebody of whom nothing is known has no mark.
pub(crate) fn mark(vault: &Vault, named: &Named) -> Option<String> {
    let number: String =
        named.number.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    if number.is_empty() {
        return None;
    }
    let kind = named.document.unwrap_or(Document::Other);
    let name = match kind {
        Document::Guardian => named.name.trim(),
        Document::None => return None,
        _ => "",
    };
    Some(vault.mark("swab", &format!("{}|{number}|{name}", kind.word())))
}

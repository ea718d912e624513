//! People of whom nothing is known but that they were somewhere. They registered for one purpose, so they are not looked for
//! among duplicates, and their name opens with an exposure fence and in no other way.

use crate::people::traits::described;
use crate::people::{Identity, Subject};
use crate::refuse::{exists, required};
use base::{Id, Territory};
use matching::{Kind, shown};
use store::{Query, Result, Sealed, Tx, Vault, params};

/// Larger than any `RULES`: whoever brings marks up to date passes them over.
const NOT_LOOKED_FOR: i64 = i64::MAX;

/// Makes the subject. Of somebody of whom a record tells, what is known stays.
pub(crate) fn keep_visitor(
    tx: &mut Tx<'_>,
    subject: Id<Subject>,
    territory: &Territory,
    identity: Option<&Sealed<Identity>>,
) -> Result<()> {
    let sql = "SELECT territory, marked, erased FROM people_subject WHERE id = $1";
    let cipher = identity.map(Sealed::cipher).transpose()?;
    match tx.first(sql, params![subject])? {
        Some(known) if !tx.actor.scope.reaches(&known.read(0)?) => Err(exists("person", "人员")),
        Some(known) => {
            if known.int(1)? == NOT_LOOKED_FOR && known.opt_int(2)?.is_none() {
                let sql = "UPDATE people_subject SET identity = coalesce($2, identity) WHERE id = $1";
                tx.run(sql, params![subject, cipher])?;
            }
            Ok(())
        }
        None => {
            required("identity", cipher.unwrap_or_default())?;
            tx.run(
                "INSERT INTO people_subject (id, territory, identity, created, marked) VALUES ($1, $2, $3, $4, $5)",
                params![subject, territory, cipher, tx.at, NOT_LOOKED_FOR],
            )?;
            Ok(())
        }
    }
}

/// By which a second visit is known to be of the same person; the lowest rank is the surest.
pub(crate) struct RegisteredMark {
    pub rank: u8,
    pub mark: String,
}

const COUNTY: usize = 3;

/// Marks of one county, of a kind of their own: they fit no mark by which duplicates are found. `at` is the place and the time:
/// a name alone is known by them only.
pub(crate) fn registered_marks(
    vault: &Vault,
    territory: &Territory,
    identity: &Identity,
    at: &str,
) -> Vec<RegisteredMark> {
    let county = territory.at_depth(COUNTY);
    let mark = |rank: u8, what: &str, value: &str| RegisteredMark {
        rank,
        mark: vault.mark(&format!("people_visitor.{what}|{county}"), value),
    };
    let mut marks: Vec<RegisteredMark> = shown(&described(identity.clone(), county.clone(), None))
        .iter()
        .filter_map(|(kind, value)| match kind {
            Kind::IdNumber => Some(mark(0, "id_number", value)),
            Kind::Document => Some(mark(0, "document", value)),
            Kind::Phone => Some(mark(1, "phone", value)),
            Kind::NameBorn => None,
        })
        .collect();
    if let Some(name) = identity.name.as_deref().filter(|_| marks.is_empty()) {
        marks.push(mark(2, "name", &format!("{} {at}", name.trim().to_lowercase())));
    }
    marks
}

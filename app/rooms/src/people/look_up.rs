//! Is this person known here? Asked by a number, answered with handles, and written down before it is answered: looking up
//! a friend leaves a row under one's own name.

use crate::cases::reach::person_is_known;
use crate::people::Subject;
use crate::people::marks::mark_of;
use crate::refuse::required;
use base::{Id, Moment, Territory};
use matching::{Described, Kind, shown};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Scope, Sealed, Sent, Tx, Vault, params};

pub(crate) const SCHEMA: &str = "
CREATE TABLE people_lookup (
  id TEXT PRIMARY KEY,
  by_whom TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  found INTEGER NOT NULL,
  elsewhere INTEGER NOT NULL
) STRICT;
CREATE INDEX people_lookup_by ON people_lookup (by_whom, at);
";

/// So many an hour are somebody at work on an outbreak; more are a list being tried.
pub(crate) const AN_HOUR: i64 = 30;

/// Somebody asks whether a number is known. The number itself is kept nowhere.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookUpPerson {
    pub id: Id<Sent>,
    pub territory: Territory,
    pub kind: Kind,
    pub purpose: String,
    pub reason: Sealed<String>,
    /// Those whose handles are answered.
    pub found: Vec<Id<Subject>>,
    /// How many more are known where the asker does not work.
    pub elsewhere: i64,
}

impl Change for LookUpPerson {
    const NAME: &'static str = "look up person";
    const NEEDS: Permission = Permission::IdentityOpen;
    const BASIS: Basis = Basis::PersonMatching;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.found.iter().map(ToString::to_string).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let owner = self.id.to_string();
        let key = Vault::key_for(tx, &owner)?;
        self.reason.shut(&key, &format!("people_lookup.reason|{owner}"))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("purpose", &self.purpose)?;
        tx.run(
            "INSERT INTO people_lookup (id, by_whom, at, kind, found, elsewhere) VALUES ($1, $2, $3, $4, $5, $6)",
            params![
                self.id,
                &tx.actor.id,
                tx.at,
                self.kind.word(),
                i64::try_from(self.found.len()).unwrap_or(i64::MAX),
                self.elsewhere
            ],
        )?;
        Ok(())
    }
}

pub(crate) struct Found {
    pub kind: Kind,
    pub here: Vec<Id<Subject>>,
    /// Whom to ask about the others: the broadest department that is not the asker's own line.
    pub elsewhere: Vec<Territory>,
}

/// `None` when what was given is no number.
pub(crate) fn find(
    query: &mut dyn Query,
    scope: &Scope,
    id_number: Option<String>,
    phone: Option<String>,
) -> Result<Option<Found>> {
    let asked = shown(&Described { id_number, phone, ..Described::default() });
    let [(kind, value)] = asked.as_slice() else { return Ok(None) };
    let mark = mark_of(query.vault(), *kind, value);
    let rows = query.rows(
        "SELECT s.id, s.territory FROM people_mark m JOIN people_subject s ON s.id = m.subject \
         WHERE m.mark = $1 AND m.kind = $2 ORDER BY s.id LIMIT 50",
        params![mark, kind.word()],
    )?;
    let mut found = Found { kind: *kind, here: Vec::new(), elsewhere: Vec::new() };
    for row in rows {
        let territory: Territory = row.read(1)?;
        if !person_is_known(query, scope, row.read(0)?)? {
            continue;
        }
        if scope.territory.holds(&territory) {
            found.here.push(row.read(0)?);
        } else {
            found.elsewhere.push(department(&scope.territory, &territory));
        }
    }
    found.elsewhere.sort_by(|a, b| a.path().cmp(b.path()));
    found.elsewhere.dedup();
    Ok(Some(found))
}

/// No more of the place than is needed to know whom to ask: the first step that leaves the asker's own path.
fn department(own: &Territory, other: &Territory) -> Territory {
    let shared = (0..=own.depth()).rev().find(|depth| own.at_depth(*depth).holds(other)).unwrap_or(0);
    other.at_depth(shared + 1)
}

/// How long until this person may ask again; `None` when now.
pub(crate) fn seconds_to_wait(query: &mut dyn Query, by: &str, now: Moment) -> Result<Option<u64>> {
    let since = now.plus_seconds(-3600);
    let sql = "SELECT at FROM people_lookup WHERE by_whom = $1 AND at > $2 ORDER BY at DESC LIMIT $3";
    let rows = query.rows(sql, params![by, since, AN_HOUR])?;
    let Some(oldest) = rows.last().filter(|_| rows.len() as i64 == AN_HOUR) else { return Ok(None) };
    let free = oldest.int(0)? + 3_600_000;
    Ok(Some(u64::try_from((free - now.0) / 1000 + 1).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_ask_tells_no_more_than_that() {
        let of = |text: &str| text.parse::<Territory>().unwrap();
        let own = of("14/1407/140726");
        assert_eq!(department(&own, &of("14/1407/140702/003")), of("14/1407/140702"));
        assert_eq!(department(&own, &of("14/1401/140105")), of("14/1401"));
        assert_eq!(department(&own, &of("31/3101")), of("31"));
        assert_eq!(department(&own, &of("14")), of("14"));
    }
}

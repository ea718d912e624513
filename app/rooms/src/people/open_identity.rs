//! Opening an identity: written before anything is shown, with purpose and reason.

use crate::access::glass::Glass;
use crate::access::second_person::{Ask, AskKind, use_agreed};
use crate::cases::reach::diseases_of_subject;
use crate::packed;
use crate::people::{Subject, subject_territory};
use crate::refuse::{invalid, required};
use crate::trace::fence::only_registered;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Basis, Change, Permission, Query, Refusal, Result, Scope, Sealed, Status, Tx, Vault, params};

/// Somebody reads who a handle is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenIdentity {
    pub id: Id<store::Sent>,
    pub subject: Id<Subject>,
    pub purpose: String,
    /// Free text about a person, so it is sealed with the person.
    pub reason: Sealed<String>,
    /// The second person's agreement, where one is needed; it is used up.
    #[serde(default)]
    pub ask: Option<Id<Ask>>,
    /// The glass behind which it is opened.
    #[serde(default)]
    pub glass: Option<Id<Glass>>,
    /// Without a second person, nobody who stands in a record of these diseases; and nobody when there were this many other
    /// people within the hour. The rules of the day travel with the change, so that its replay needs no others.
    #[serde(default)]
    pub not_alone: BTreeSet<String>,
    #[serde(default)]
    pub at_most_alone: Option<i64>,
}

pub(crate) fn reason_context(subject: Id<Subject>) -> String {
    format!("open_identity.reason|{subject}")
}

/// So many different people somebody opens within an hour for one outbreak's calls; more is a list, and a list has a second
/// person (the leaks of names in 2020 and 2021 were lists).
pub const AT_MOST_ALONE: i64 = 20;
const WITHIN_SECONDS: i64 = 3600;

pub(crate) const OPENINGS: &str = "
CREATE TABLE people_opening (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  subject TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX people_opening_account ON people_opening (account, at);
";

impl Change for OpenIdentity {
    const NAME: &'static str = "open identity";
    const NEEDS: Permission = Permission::IdentityOpen;
    const BASIS: Basis = Basis::IdentityOpening;
    type Out = ();

    fn id(&self) -> Id<store::Sent> {
        self.id
    }

    fn about(&self) -> Vec<String> {
        let glass = self.glass.map(|glass| glass.to_string());
        [self.subject.to_string()].into_iter().chain(glass).collect()
    }

    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        subject_territory(tx, self.subject)
    }

    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let key = Vault::key_for(tx, &self.subject.to_string())?;
        self.reason.shut(&key, &reason_context(self.subject))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("purpose", &self.purpose)?;
        if only_registered(tx, self.subject)? {
            return Err(Refusal::new(
                Status::Forbidden,
                "people.fence_only",
                "of this person only visits are known; their name opens with an exposure fence and a second person",
                "该人员仅有到访登记；姓名只能通过暴露围栏并经双人复核查看",
            )
            .into());
        }
        match self.ask {
            Some(ask) => use_agreed(tx, ask, AskKind::OpenIdentity, &self.subject.to_string()),
            None => self.alone(tx),
        }?;
        tx.run(
            "INSERT INTO people_opening (id, account, subject, at) VALUES ($1, $2, $3, $4)",
            params![self.id, tx.actor.person(), self.subject, tx.at],
        )?;
        Ok(())
    }
}

impl OpenIdentity {
    fn alone(&self, tx: &mut Tx<'_>) -> Result<()> {
        let diseases = diseases_of_subject(tx, self.subject)?;
        if diseases.iter().any(|disease| self.not_alone.contains(disease)) {
            return Err(second_person(
                "a name of this disease is opened with a second person only; ask for one",
                "该病种的身份须双人复核后查看；请申请",
            ));
        }
        let Some(at_most) = self.at_most_alone else { return Ok(()) };
        if opened_besides(tx, &self.subject.to_string())? >= at_most {
            return Err(second_person(
                "you opened many names within the hour; for each further one ask for a second person",
                "您一小时内查看的身份较多；继续查看请逐一申请双人复核",
            ));
        }
        Ok(())
    }
}

/// What else its writer opened within the hour: people, and tubes with people held, each once.
fn opened_besides(tx: &mut Tx<'_>, what: &str) -> Result<i64> {
    let sql =
        "SELECT count(DISTINCT subject) FROM people_opening WHERE account = $1 AND at > $2 AND subject <> $3";
    let since = tx.at.plus_seconds(-WITHIN_SECONDS);
    let person = tx.actor.person().to_owned();
    tx.count(sql, params![person, since, what])
}

/// People who stand together, such as those of one tube, are opened as one: whoever calls them calls all of them.
pub(crate) fn open_together(
    tx: &mut Tx<'_>,
    opening: Id<store::Sent>,
    what: &str,
    at_most: Option<i64>,
) -> Result<()> {
    if let Some(at_most) = at_most
        && opened_besides(tx, what)? >= at_most
    {
        return Err(Refusal::new(
            Status::Forbidden,
            "people.many_opened",
            "you opened many names within the hour; let a colleague call these people, or go on when the hour is over",
            "您一小时内查看的身份较多；请由同事通知这些人员，或一小时后继续",
        )
        .into());
    }
    tx.run(
        "INSERT INTO people_opening (id, account, subject, at) VALUES ($1, $2, $3, $4)",
        params![opening, tx.actor.person(), what, tx.at],
    )?;
    Ok(())
}

fn second_person(en: &str, zh: &str) -> store::Error {
    Refusal::new(Status::Forbidden, "access.second_person", en, zh).into()
}

/// The purpose must be one that opens identities, and one the role may name.
pub(crate) fn demand_opening(scope: &Scope, purpose: &str) -> Result<()> {
    let roles = packed::roles();
    let opens = roles.purposes.iter().any(|known| known.id == purpose && known.opens_identity);
    let own = roles.role(&scope.role).is_some_and(|role| role.purposes.iter().any(|known| known == purpose));
    if opens && own {
        return Ok(());
    }
    Err(invalid(
        "people.purpose",
        "purpose",
        "identities are not opened for this purpose by your role; choose another purpose",
        "您的角色不能以该目的查看身份；请选择其他目的",
    ))
}

//! Somebody says that it is wrong, and somebody who had no part in it decides within its clock.

use super::{keep_end, mark_evidence, shut, shut_words};
use crate::control::restrictions::party::party_of;
use crate::control::restrictions::record::{Kept, clocks, kept_of, restriction_in_reach, words_context};
use crate::control::restrictions::refusals::unfit;
use crate::control::restrictions::{Appeal, Restriction};
use crate::refuse::{exists, invalid, missing};
use base::{Id, Territory};
use control::{RestrictionEnd, Unfit};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, params};

cases::words! {
    /// How an appeal came in.
    AppealHow, "way of an appeal" {
        /// Through the person's own page, by the secret of their notice.
        Page = "page",
        /// Told to somebody who wrote it down.
        Paper = "paper",
    }
}

/// Long enough for a story, short enough to be read within the clock.
const LONGEST: usize = 4_000;

/// Whoever is restricted appeals, or somebody writes down for them that they do.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
    pub appeal: Id<Appeal>,
    pub how: AppealHow,
    pub words: Sealed<String>,
}

impl Change for AppealRestriction {
    const NAME: &'static str = "appeal restriction";
    const NEEDS: Permission = Permission::ContactsWrite;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(restriction_in_reach(tx, self.restriction)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.restriction.to_string(), self.appeal.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if matches!(&self.words, Sealed::Open(words) if words.chars().count() > LONGEST) {
            return Err(invalid(
                "restrict.appeal_long",
                "words",
                "the appeal is longer than 4,000 letters; say the most important, the rest can be told by telephone",
                "申诉内容超过 4000 字；请写明要点，其余可电话说明",
            ));
        }
        shut_words(tx, self.restriction, "words", &mut self.words)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut kept = restriction_in_reach(tx, self.restriction)?;
        if tx.count("SELECT count(*) FROM control_restriction_appeal WHERE id = $1", params![self.appeal])?
            > 0
        {
            return Err(exists("appeal", "申诉"));
        }
        let at = tx.at;
        let holds = kept.ground(tx, at)?.is_ok();
        let due = kept.course.appeal(tx.at, holds, &clocks()).map_err(unfit)?;
        tx.run("UPDATE control_restriction SET appeal_due = $2 WHERE id = $1", params![kept.id, due])?;
        tx.run(
            "INSERT INTO control_restriction_appeal (id, restriction, territory, subject, made, due, how, words, by_whom) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            params![
                self.appeal,
                kept.id,
                &kept.territory,
                kept.subject,
                tx.at,
                due,
                self.how.word(),
                self.words.cipher()?,
                &tx.actor.id
            ],
        )?;
        Ok(())
    }
}

/// Somebody who neither proposed nor approved, of another organisation, decides.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideAppeal {
    pub id: Id<Sent>,
    pub appeal: Id<Appeal>,
    pub won: bool,
    /// Told to the person.
    pub reason: Sealed<String>,
}

impl DecideAppeal {
    fn kept(&self, tx: &mut Tx<'_>) -> Result<Kept> {
        let sql = "SELECT restriction FROM control_restriction_appeal WHERE id = $1";
        let row = tx.first(sql, params![self.appeal])?.ok_or_else(|| missing("appeal", "申诉"))?;
        let actor = tx.actor;
        let kept = kept_of(tx, row.read(0)?)?.filter(|kept| kept.is_shown_to(&actor.scope));
        kept.ok_or_else(|| missing("appeal", "申诉"))
    }
}

impl Change for DecideAppeal {
    const NAME: &'static str = "decide appeal";
    const NEEDS: Permission = Permission::RestrictAppeal;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.kept(tx)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.appeal.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let subject = self.kept(tx)?.subject;
        shut(tx, subject, "reason", &mut self.reason)
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut kept = self.kept(tx)?;
        let actor = tx.actor;
        let stands = party_of(tx, actor)?;
        let sql = "SELECT count(*) FROM control_restriction_appeal WHERE id = $1 AND decided IS NULL";
        if tx.count(sql, params![self.appeal])? == 0 {
            return Err(unfit(Unfit::NoAppeal));
        }
        kept.course.decide(tx.at, &stands.party, self.won).map_err(unfit)?;
        tx.run(
            "UPDATE control_restriction_appeal SET decided = $2, won = $3, decider = $4, decider_org = $5, reason = $6 \
             WHERE id = $1",
            params![
                self.appeal,
                tx.at,
                self.won,
                stands.party.kept(),
                stands.organisation,
                self.reason.cipher()?
            ],
        )?;
        if self.won {
            mark_evidence(tx, &kept, RestrictionEnd::AppealWon)?;
            return keep_end(tx, &kept, RestrictionEnd::AppealWon, None);
        }
        tx.run("UPDATE control_restriction SET appeal_due = NULL WHERE id = $1", params![kept.id])?;
        Ok(())
    }
}

/// Words of an appeal, or of its answer.
pub(in crate::control::restrictions) fn opened(
    query: &mut dyn Query,
    subject: Id<crate::people::Subject>,
    sealed: Option<&str>,
) -> Result<Option<String>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let key = store::Vault::key_of(query, &subject.to_string())?;
    key.map(|key| key.open(&words_context(subject), sealed)).transpose()
}

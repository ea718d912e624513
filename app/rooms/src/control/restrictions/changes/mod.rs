//! Steps of a restriction, each a row in the journal.

mod appeal;
mod audit;
mod decide;
mod offer;
mod propose;
mod settle;
mod tell;

pub(super) use appeal::opened;
pub use appeal::{AppealHow, AppealRestriction, DecideAppeal};
pub use audit::{DrawRestrictions, JudgeRestriction};
pub use decide::{ApproveRestriction, DeclineRestriction, LiftRestriction};
pub use offer::OfferRestrictions;
pub use propose::ProposeRestriction;
pub use settle::{SettleRestriction, Settled};
pub use tell::{IssueNotice, TellRestriction, ToldHow};

use super::record::{Kept, words_context};
use crate::people::Subject;
use crate::refuse::{missing, required};
use base::Id;
use control::RestrictionEnd;
use store::{Result, Sealed, Tx, Vault, params};

/// Words about whoever is restricted are shut under their key.
fn shut_words(
    tx: &mut Tx<'_>,
    restriction: Id<super::Restriction>,
    field: &str,
    words: &mut Sealed<String>,
) -> Result<()> {
    let kept = super::record::kept_of(tx, restriction)?.ok_or_else(|| missing("restriction", "限制措施"))?;
    shut(tx, kept.subject, field, words)
}

fn shut(tx: &mut Tx<'_>, subject: Id<Subject>, field: &str, words: &mut Sealed<String>) -> Result<()> {
    if let Sealed::Open(text) = &*words {
        required(field, text)?;
    }
    let key = Vault::key_for(tx, &subject.to_string())?;
    words.shut(&key, &words_context(subject))
}

/// Writes how it ended, and closes what was open.
fn keep_end(tx: &mut Tx<'_>, kept: &Kept, end: RestrictionEnd, note: Option<&str>) -> Result<()> {
    tx.run(
        "UPDATE control_restriction SET ended = $2, ended_as = $3, ended_by = $4, note = coalesce($5, note), \
         appeal_due = NULL WHERE id = $1",
        params![kept.id, tx.at, end.word(), &tx.actor.id, note],
    )?;
    Ok(())
}

/// An appeal that nobody needs to decide any more: what it was against has ended for another reason.
fn close_appeal(tx: &mut Tx<'_>, kept: &Kept, won: bool) -> Result<()> {
    tx.run(
        "UPDATE control_restriction_appeal SET decided = $2, won = $3 WHERE restriction = $1 AND decided IS NULL",
        params![kept.id, tx.at, won],
    )?;
    Ok(())
}

/// What somebody was wrongly restricted on carries the mark, for whoever looks at that record.
fn mark_evidence(tx: &mut Tx<'_>, kept: &Kept, why: RestrictionEnd) -> Result<()> {
    tx.run(
        "INSERT INTO control_restriction_mark (evidence, restriction, why, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (evidence, restriction) DO UPDATE SET why = excluded.why, at = excluded.at",
        params![&kept.evidence, kept.id, why.word(), tx.at],
    )?;
    Ok(())
}

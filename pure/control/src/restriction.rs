//! A restriction on one person, from its proposal to its end: who may take which step, and what holds at a moment.
//!
//! Deliberately absent: whether the evidence concerns this person. Rows know that, and rows are not here; what is asked of
//! them comes in as `holds`.

use base::{Day, Moment};
use packs::{LimitFrom, Undecided};
use std::collections::BTreeSet;

/// Whoever takes a step: the accounts behind it (one's own, and that of whoever lent their role) and the organisations these
/// answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    accounts: BTreeSet<String>,
    organisations: BTreeSet<String>,
}

impl Signatory {
    /// # Errors
    /// An account that states no organisation: nobody could tell whether it is another one.
    pub fn of(accounts: &[(String, Option<String>)]) -> Result<Signatory, Unfit> {
        let mut party = Signatory { accounts: BTreeSet::new(), organisations: BTreeSet::new() };
        for (account, organisation) in accounts {
            let organisation = organisation.as_deref().map(one_spelling).filter(|name| !name.is_empty());
            party.accounts.insert(account.clone());
            party.organisations.insert(organisation.ok_or(Unfit::NoOrganisation)?);
        }
        if party.accounts.is_empty() { Err(Unfit::NoOrganisation) } else { Ok(party) }
    }

    /// As it was kept by [`Signatory::kept`].
    pub fn read(kept: &str) -> Option<Signatory> {
        let (accounts, organisations) = kept.split_once('\t')?;
        let words = |text: &str, by: char| -> BTreeSet<String> {
            text.split(by).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let party = Signatory { accounts: words(accounts, ' '), organisations: words(organisations, '|') };
        (!party.accounts.is_empty() && !party.organisations.is_empty()).then_some(party)
    }

    /// One line: accounts, a tab, organisations.
    pub fn kept(&self) -> String {
        let join = |words: &BTreeSet<String>, by: &str| words.iter().cloned().collect::<Vec<_>>().join(by);
        format!("{}\t{}", join(&self.accounts, " "), join(&self.organisations, "|"))
    }

    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().map(String::as_str)
    }

    pub fn organisations(&self) -> impl Iterator<Item = &str> {
        self.organisations.iter().map(String::as_str)
    }

    fn apart_from(&self, other: &Signatory, own: Unfit, same: Unfit) -> Result<(), Unfit> {
        if !self.accounts.is_disjoint(&other.accounts) {
            return Err(own);
        }
        if self.organisations.is_disjoint(&other.organisations) { Ok(()) } else { Err(same) }
    }
}

/// One organisation is one, however its name is spaced and capitalised.
fn one_spelling(name: &str) -> String {
    let plain = |letter: char| match letter {
        // Full-width letters and the ideographic space.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '|' | '\t' | '\u{3000}' => ' ',
        other => other,
    };
    let plain: String = name.chars().map(plain).collect();
    plain.split_whitespace().collect::<String>().to_lowercase()
}

/// Why somebody may not take a step, or may not take it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("the account states no organisation")]
    NoOrganisation,
    #[error("it is their own proposal")]
    OwnProposal,
    #[error("they approved it already")]
    OwnApproval,
    #[error("they are of the proposer's organisation")]
    ProposersOrganisation,
    #[error("they are of the first approver's organisation")]
    ApproversOrganisation,
    #[error("it is not waiting for approval")]
    NotWaiting,
    #[error("it is over")]
    Over,
    #[error("its evidence does not hold any more")]
    EvidenceGone,
    #[error("nobody has been restricted yet")]
    NotApproved,
    #[error("an appeal is open already")]
    AppealOpen,
    #[error("no appeal is open")]
    NoAppeal,
}

/// Why a time is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTerm {
    #[error("it begins in the past")]
    BeginsInThePast,
    #[error("it ends before it begins")]
    EndsBeforeItBegins,
    #[error("it may last until {0} at most")]
    TooLong(Moment),
    #[error("the evidence states no day of exposure to count from")]
    NoExposure,
}

/// A proposal that was on its way for so long still begins now.
const UNDER_WAY_S: i64 = 3_600;

/// The end nobody may go beyond.
///
/// # Errors
/// The evidence states no day, where days are counted from one.
pub fn latest_end(
    days: u16,
    from: LimitFrom,
    begins: Moment,
    exposure: Option<Day>,
    offset_minutes: i32,
) -> Result<Moment, BadTerm> {
    match from {
        LimitFrom::Begins => Ok(begins.plus_seconds(i64::from(days) * 86_400)),
        LimitFrom::Exposure => {
            let exposure = exposure.ok_or(BadTerm::NoExposure)?;
            Ok(Moment::start_of(exposure + i32::from(days) + 1, offset_minutes))
        }
    }
}

/// # Errors
/// What is wrong with the time somebody proposes.
pub fn judge_term(now: Moment, begins: Moment, ends: Moment, latest: Moment) -> Result<(), BadTerm> {
    if begins.plus_seconds(UNDER_WAY_S) < now {
        return Err(BadTerm::BeginsInThePast);
    }
    if ends > latest {
        return Err(BadTerm::TooLong(latest));
    }
    if ends <= begins || ends <= now {
        return Err(BadTerm::EndsBeforeItBegins);
    }
    Ok(())
}

cases::words! {
    /// Why a restriction, or the proposal of one, is over.
    RestrictionEnd, "end of a restriction" {
        /// An approver said no.
        Declined = "declined",
        /// Nobody decided in time.
        Expired = "expired",
        /// Its end came.
        Lapsed = "lapsed",
        /// The row it rested on does not say so any more.
        EvidenceGone = "evidence_gone",
        /// Whoever works there found it no longer needed.
        Lifted = "lifted",
        AppealWon = "appeal_won",
        /// The auditor found it unsound.
        Unsound = "unsound",
    }
}

impl RestrictionEnd {
    /// Of what restricted somebody, before the time they were told.
    pub const EARLY: [RestrictionEnd; 4] = [
        RestrictionEnd::EvidenceGone,
        RestrictionEnd::Lifted,
        RestrictionEnd::AppealWon,
        RestrictionEnd::Unsound,
    ];
}

/// What holds at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestrictionState {
    /// Restricts nobody yet.
    Proposed,
    /// Approved, and begins later.
    Upcoming,
    InForce,
    /// Its appeal was not decided in time: restricts nobody until it is.
    Suspended,
    Over(RestrictionEnd),
}

impl RestrictionState {
    pub fn word(self) -> &'static str {
        match self {
            RestrictionState::Proposed => "proposed",
            RestrictionState::Upcoming => "upcoming",
            RestrictionState::InForce => "in_force",
            RestrictionState::Suspended => "suspended",
            RestrictionState::Over(_) => "over",
        }
    }
}

/// Two approvals and no more: a third would only spread the blame.
pub const APPROVALS: usize = 2;

/// Hours of the clocks, and what becomes of an appeal nobody decided.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    pub proposal_hours: u32,
    pub appeal_hours: u32,
    pub undecided: Undecided,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub proposer: Signatory,
    pub proposed: Moment,
    pub begins: Moment,
    pub ends: Moment,
    pub approvals: Vec<(Moment, Signatory)>,
    pub ended: Option<(Moment, RestrictionEnd)>,
    /// Until when the open appeal is to be decided.
    pub appeal_due: Option<Moment>,
}

impl Course {
    pub fn proposed_by(proposer: Signatory, proposed: Moment, begins: Moment, ends: Moment) -> Course {
        Course { proposer, proposed, begins, ends, approvals: Vec::new(), ended: None, appeal_due: None }
    }

    /// What holds now. It follows from the clock and the evidence alone: nothing has to be written for an end to be one.
    pub fn state(&self, now: Moment, holds: bool, clocks: &Clocks) -> RestrictionState {
        use RestrictionState::{InForce, Over, Proposed, Suspended, Upcoming};
        if let Some((_, end)) = self.ended {
            return Over(end);
        }
        if !holds {
            return Over(RestrictionEnd::EvidenceGone);
        }
        if self.approvals.len() < APPROVALS {
            let until = self.proposed.plus_seconds(i64::from(clocks.proposal_hours) * 3600);
            return if now >= until || now >= self.ends { Over(RestrictionEnd::Expired) } else { Proposed };
        }
        if now >= self.ends {
            return Over(RestrictionEnd::Lapsed);
        }
        if clocks.undecided == Undecided::Suspend && self.appeal_due.is_some_and(|due| now >= due) {
            return Suspended;
        }
        if now < self.begins { Upcoming } else { InForce }
    }

    /// # Errors
    /// Who may not be the one who approves, or why there is nothing to approve.
    pub fn approve(&mut self, now: Moment, by: Signatory, holds: bool, clocks: &Clocks) -> Result<(), Unfit> {
        self.demand_waiting(now, holds, clocks)?;
        self.may_approve(&by)?;
        self.approvals.push((now, by));
        Ok(())
    }

    /// Whether this is somebody who could approve, whatever the hour.
    ///
    /// # Errors
    /// Why not.
    pub fn may_approve(&self, by: &Signatory) -> Result<(), Unfit> {
        by.apart_from(&self.proposer, Unfit::OwnProposal, Unfit::ProposersOrganisation)?;
        for (_, approver) in &self.approvals {
            by.apart_from(approver, Unfit::OwnApproval, Unfit::ApproversOrganisation)?;
        }
        Ok(())
    }

    /// # Errors
    /// There is nothing to decline.
    pub fn decline(&mut self, now: Moment, holds: bool, clocks: &Clocks) -> Result<(), Unfit> {
        self.demand_waiting(now, holds, clocks)?;
        self.ended = Some((now, RestrictionEnd::Declined));
        Ok(())
    }

    /// Ends it: taken back, found unsound, or found over by the house.
    ///
    /// # Errors
    /// It was over before.
    pub fn end(&mut self, now: Moment, end: RestrictionEnd) -> Result<(), Unfit> {
        if self.ended.is_some() {
            return Err(Unfit::Over);
        }
        self.ended = Some((now, end));
        self.appeal_due = None;
        Ok(())
    }

    /// What the house writes down when it comes by: an end that has come without anybody's doing.
    pub fn settle(&mut self, now: Moment, holds: bool, clocks: &Clocks) -> Option<RestrictionEnd> {
        let RestrictionState::Over(end) = self.state(now, holds, clocks) else { return None };
        self.end(now, end).ok().map(|()| end)
    }

    /// # Errors
    /// Nothing restricts anybody, or an appeal is open.
    pub fn appeal(&mut self, now: Moment, holds: bool, clocks: &Clocks) -> Result<Moment, Unfit> {
        match self.state(now, holds, clocks) {
            RestrictionState::Proposed => return Err(Unfit::NotApproved),
            RestrictionState::Over(_) => return Err(Unfit::Over),
            _ if self.appeal_due.is_some() => return Err(Unfit::AppealOpen),
            _ => {}
        }
        let due = now.plus_seconds(i64::from(clocks.appeal_hours) * 3600);
        self.appeal_due = Some(due);
        Ok(due)
    }

    /// Somebody who had no part in it decides; late is better than never.
    ///
    /// # Errors
    /// Who may not, or that nobody appealed.
    pub fn decide(&mut self, now: Moment, by: &Signatory, won: bool) -> Result<(), Unfit> {
        if self.ended.is_some() {
            return Err(Unfit::Over);
        }
        if self.appeal_due.is_none() {
            return Err(Unfit::NoAppeal);
        }
        self.may_decide(by)?;
        self.appeal_due = None;
        if won {
            self.ended = Some((now, RestrictionEnd::AppealWon));
        }
        Ok(())
    }

    /// Whether this is somebody who could decide an appeal: the same as for a third approval, had there been one.
    ///
    /// # Errors
    /// Why not.
    pub fn may_decide(&self, by: &Signatory) -> Result<(), Unfit> {
        self.may_approve(by)
    }

    fn demand_waiting(&self, now: Moment, holds: bool, clocks: &Clocks) -> Result<(), Unfit> {
        match self.state(now, holds, clocks) {
            RestrictionState::Proposed => Ok(()),
            RestrictionState::Over(RestrictionEnd::EvidenceGone) => Err(Unfit::EvidenceGone),
            RestrictionState::Over(_) => Err(Unfit::Over),
            _ => Err(Unfit::NotWaiting),
        }
    }
}

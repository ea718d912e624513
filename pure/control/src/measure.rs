//! A measure from its proposal to its end: who proposed it on which article, who decided it, what the next upper government
//! said, and what it is at a moment.
//!
//! What it is follows from what was decided and from the clock, and from nothing else: a measure past its end is over whether or
//! not anybody noticed.
//!
//! # Source
//! That no step may be skipped is rule R9 of the field's own list.

use crate::ground::{article_of, demand_in_force, demand_length, ground, kind_of};
use crate::party::{demand_another, demand_others};
use crate::{Denied, Party, Stamp, Terms};
use base::{Moment, Territory};
use packs::{Approval, ClassCn, Measures};
use serde::{Deserialize, Serialize};

/// A later end that waits for its approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    pub ends: Moment,
    pub asked: Stamp,
    pub decided: Option<Stamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    pub terms: Terms,
    /// As the article had it when the measure was proposed.
    pub approval: Approval,
    pub announce: bool,
    pub proposed: Stamp,
    /// By the government that orders it.
    pub decided: Option<Stamp>,
    /// By the next upper government: beforehand, or afterwards of what it was told at once.
    pub approved: Option<Stamp>,
    pub refused: Option<Stamp>,
    pub announced: Option<Moment>,
    pub reviewed: Option<Moment>,
    pub lifted: Option<Moment>,
    pub extension: Option<Extension>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureState {
    Proposed,
    /// Decided, and nothing happens until the next upper government has said yes.
    Decided,
    Refused,
    /// May be given, and is not yet announced as the article asks.
    Approved,
    /// Announced, or in no need of it, and not yet begun.
    Announced,
    Active,
    Lifted,
    /// Its end is past.
    Lapsed,
}

impl MeasureState {
    pub const ALL: [MeasureState; 8] = [
        MeasureState::Proposed,
        MeasureState::Decided,
        MeasureState::Refused,
        MeasureState::Approved,
        MeasureState::Announced,
        MeasureState::Active,
        MeasureState::Lifted,
        MeasureState::Lapsed,
    ];

    pub fn word(self) -> &'static str {
        match self {
            MeasureState::Proposed => "proposed",
            MeasureState::Decided => "decided",
            MeasureState::Refused => "refused",
            MeasureState::Approved => "approved",
            MeasureState::Announced => "announced",
            MeasureState::Active => "active",
            MeasureState::Lifted => "lifted",
            MeasureState::Lapsed => "lapsed",
        }
    }

    /// Nothing changes it any more.
    pub fn is_over(self) -> bool {
        matches!(self, MeasureState::Refused | MeasureState::Lifted | MeasureState::Lapsed)
    }
}

impl Measure {
    /// # Errors
    /// What [`ground`] refuses, and an end that is past.
    pub fn propose(
        terms: Terms,
        class: Option<ClassCn>,
        by: Stamp,
        measures: &Measures,
        utc_offset_minutes: i32,
    ) -> Result<Measure, Denied> {
        let held = ground(&terms, class, measures, utc_offset_minutes)?;
        if terms.ends <= by.at {
            return Err(Denied::of(
                "control.past",
                "its end is past already; correct the days",
                "结束时间已过；请更正日期",
            )
            .at("ends"));
        }
        let (approval, announce) = (held.article.approval, held.article.announce);
        Ok(Measure {
            terms,
            approval,
            announce,
            proposed: by,
            decided: None,
            approved: None,
            refused: None,
            announced: None,
            reviewed: None,
            lifted: None,
            extension: None,
        })
    }

    /// Since when everything is said that must be said before it may be given.
    fn granted(&self) -> Option<Moment> {
        let decided = self.decided.as_ref()?.at;
        match self.approval {
            Approval::Before => self.approved.as_ref().map(|approved| approved.at.max(decided)),
            Approval::AtOnce | Approval::None => Some(decided),
        }
    }

    pub fn state(&self, now: Moment) -> MeasureState {
        let Some(granted) = self.granted() else {
            return match (&self.refused, &self.decided) {
                (Some(_), _) => MeasureState::Refused,
                _ if self.lifted.is_some() => MeasureState::Lifted,
                _ if self.terms.ends <= now => MeasureState::Lapsed,
                (None, Some(_)) => MeasureState::Decided,
                (None, None) => MeasureState::Proposed,
            };
        };
        // An end that came before somebody lifted it was its end.
        match self.lifted {
            Some(at) if at < self.terms.ends => return MeasureState::Lifted,
            _ if self.terms.ends <= now => return MeasureState::Lapsed,
            _ => {}
        }
        let is_told = !self.announce || self.announced.is_some_and(|at| at <= now);
        match is_told {
            false => MeasureState::Approved,
            true if self.terms.starts.max(granted) <= now => MeasureState::Active,
            true => MeasureState::Announced,
        }
    }

    /// From when to when it binds people, as far as that is decided; none while it does not.
    pub fn binds(&self) -> Option<(Moment, Moment)> {
        let granted = self.granted()?;
        let told = if self.announce { self.announced? } else { granted };
        let from = self.terms.starts.max(told).max(granted);
        let to = self.lifted.map_or(self.terms.ends, |at| at.min(self.terms.ends));
        (from < to).then_some((from, to))
    }

    /// Half of its time is over and nobody has looked whether it is still needed.
    pub fn is_review_due(&self, now: Moment) -> bool {
        self.state(now) == MeasureState::Active
            && self.binds().is_some_and(|(from, to)| {
                let half = Moment(from.0 + (to.0 - from.0) / 2);
                now >= half && self.reviewed.is_none_or(|at| at < half)
            })
    }

    /// The next upper government was told and has not answered.
    pub fn is_answer_due(&self, now: Moment) -> bool {
        let stands = matches!(
            self.state(now),
            MeasureState::Approved | MeasureState::Announced | MeasureState::Active
        );
        self.approval == Approval::AtOnce && self.approved.is_none() && stands
    }

    /// Whose government is to say something about it now: the one that orders it, or the next above.
    pub fn awaits(&self, now: Moment) -> Option<Territory> {
        let own = || Some(self.terms.government.clone());
        match (self.state(now), &self.extension) {
            (state, _) if state.is_over() => None,
            (MeasureState::Proposed, _) => own(),
            (MeasureState::Decided, _) => self.next_upper(),
            (_, Some(longer)) if longer.decided.is_none() => own(),
            (_, Some(_)) => self.next_upper(),
            (_, None) => self.next_upper().filter(|_| self.is_answer_due(now)),
        }
    }

    /// The next upper government of whoever orders; none above the whole country.
    pub fn next_upper(&self) -> Option<Territory> {
        let depth = self.terms.government.depth();
        (depth > 0).then(|| self.terms.government.at_depth(depth - 1))
    }

    /// The government that orders it says yes to the measure, or to its extension.
    ///
    /// # Errors
    /// When it is not theirs, their own proposal, or decided already.
    pub fn decide(&mut self, by: Stamp) -> Result<(), Denied> {
        if let Some(extension) = self.extension.clone() {
            self.demand_stands(by.at)?;
            if extension.decided.is_some() {
                return Err(nothing_to_decide(self.state(by.at)));
            }
            demand_others(&extension.asked.by, &by.by)?;
            self.demand_own_government(&by.by)?;
            match self.approval {
                Approval::Before => self.extension = Some(Extension { decided: Some(by), ..extension }),
                Approval::AtOnce | Approval::None => self.grow(extension.ends, None),
            }
            return Ok(());
        }
        let state = self.state(by.at);
        if state != MeasureState::Proposed {
            return Err(nothing_to_decide(state));
        }
        demand_others(&self.proposed.by, &by.by)?;
        self.demand_own_government(&by.by)?;
        self.decided = Some(by);
        Ok(())
    }

    /// The government that orders it says no.
    ///
    /// # Errors
    /// When it is not theirs to refuse, or decided already.
    pub fn turn_down(&mut self, by: Stamp) -> Result<(), Denied> {
        self.demand_own_government(&by.by)?;
        match (&self.extension, self.state(by.at)) {
            (Some(extension), state) if !state.is_over() => {
                demand_another(&extension.asked.by, &by.by)?;
                self.extension = None;
            }
            (_, MeasureState::Proposed) => {
                demand_another(&self.proposed.by, &by.by)?;
                self.refused = Some(by);
            }
            (_, state) => return Err(nothing_to_decide(state)),
        }
        Ok(())
    }

    /// The next upper government says yes: beforehand, to a longer end, or afterwards to what it was told at once.
    ///
    /// # Errors
    /// When nothing waits for it, or somebody else must say it.
    pub fn approve(&mut self, by: Stamp) -> Result<(), Denied> {
        let state = self.state(by.at);
        let longer = self
            .extension
            .clone()
            .and_then(|extension| Some((extension.ends, extension.asked, extension.decided?)));
        let behind = match &longer {
            Some((_, asked, decided)) => vec![asked.by.clone(), decided.by.clone()],
            None => {
                std::iter::once(&self.proposed).chain(&self.decided).map(|stamp| stamp.by.clone()).collect()
            }
        };
        let waits = state == MeasureState::Decided
            || self.is_answer_due(by.at)
            || (longer.is_some() && !state.is_over());
        if !waits {
            return Err(nothing_to_decide(state));
        }
        for one in &behind {
            demand_others(one, &by.by)?;
        }
        if self.next_upper().is_none_or(|upper| upper != by.by.territory) {
            return Err(self.not_next_upper());
        }
        match longer {
            Some((ends, ..)) => self.grow(ends, Some(by)),
            None => self.approved = Some(by),
        }
        Ok(())
    }

    /// A government above says no: what was not yet allowed is refused, what is in force is lifted at once, what was to be
    /// longer is not.
    ///
    /// # Errors
    /// When it is not theirs to refuse, or over already.
    pub fn refuse(&mut self, by: Stamp) -> Result<(), Denied> {
        let state = self.state(by.at);
        if state.is_over() {
            return Err(nothing_to_decide(state));
        }
        for stamp in std::iter::once(&self.proposed).chain(&self.decided) {
            demand_another(&stamp.by, &by.by)?;
        }
        if !self.is_upper(&by.by) {
            return Err(self.not_next_upper());
        }
        if self.granted().is_some() {
            self.lifted = Some(by.at);
        }
        self.extension = None;
        self.refused = Some(by);
        Ok(())
    }

    /// A longer end is told to the upper government again, and reviewed again.
    fn grow(&mut self, ends: Moment, approved: Option<Stamp>) {
        self.terms.ends = ends;
        self.extension = None;
        self.approved = match self.approval {
            Approval::Before => approved.or(self.approved.take()),
            Approval::AtOnce | Approval::None => approved,
        };
        self.reviewed = None;
    }

    /// # Errors
    /// When it was not approved, or is over.
    pub fn announce(&mut self, at: Moment) -> Result<(), Denied> {
        match self.state(at) {
            MeasureState::Approved => {
                self.announced = Some(at);
                Ok(())
            }
            MeasureState::Announced | MeasureState::Active if self.announced.is_none() => {
                self.announced = Some(at);
                Ok(())
            }
            MeasureState::Announced | MeasureState::Active => Ok(()),
            MeasureState::Proposed | MeasureState::Decided => Err(Denied::of(
                "control.not_approved",
                "nobody has approved it; it can be announced once whoever must say yes has said it",
                "尚未获批；获批后方可公告",
            )),
            state => Err(nothing_to_decide(state)),
        }
    }

    /// Somebody looked whether it is still needed, and it is.
    ///
    /// # Errors
    /// When it is not in force.
    pub fn review(&mut self, at: Moment) -> Result<(), Denied> {
        if self.state(at) != MeasureState::Active {
            return Err(nothing_to_decide(self.state(at)));
        }
        self.reviewed = Some(at);
        Ok(())
    }

    /// A later end, which waits for the same yes as the measure did.
    ///
    /// # Errors
    /// When it is not in force, asked for already, or longer than the pack lets an order be.
    pub fn ask_extension(
        &mut self,
        ends: Moment,
        by: Stamp,
        measures: &Measures,
        utc_offset_minutes: i32,
    ) -> Result<(), Denied> {
        self.demand_stands(by.at)?;
        if self.extension.is_some() {
            return Err(Denied::of(
                "control.extension_waits",
                "an extension waits for its answer already; wait for it",
                "已有延期申请待批；请等待答复",
            ));
        }
        let kind = kind_of(&self.terms, measures)?;
        let (text, _) = article_of(&self.terms, measures)?;
        if ends <= self.terms.ends {
            return Err(Denied::of(
                "control.end_before_start",
                "the new end does not lie after the present one; lift the measure to end it earlier",
                "新的结束时间不晚于现有期限；如需提前结束请解除措施",
            )
            .at("ends"));
        }
        demand_length(kind, self.terms.ends, ends)?;
        demand_in_force(text, &Terms { ends, ..self.terms.clone() }, utc_offset_minutes)?;
        self.extension = Some(Extension { ends, asked: by, decided: None });
        Ok(())
    }

    /// Whoever decided it ends it.
    ///
    /// # Errors
    /// When it is over already, or another government's.
    pub fn lift(&mut self, by: Stamp) -> Result<(), Denied> {
        let state = self.state(by.at);
        if state.is_over() {
            return Err(nothing_to_decide(state));
        }
        self.demand_own_government(&by.by)?;
        self.lifted = Some(by.at);
        self.extension = None;
        Ok(())
    }

    fn demand_stands(&self, at: Moment) -> Result<(), Denied> {
        match self.state(at) {
            MeasureState::Approved | MeasureState::Announced | MeasureState::Active => Ok(()),
            state => Err(nothing_to_decide(state)),
        }
    }

    fn is_upper(&self, party: &Party) -> bool {
        party.territory != self.terms.government && party.territory.holds(&self.terms.government)
    }

    fn demand_own_government(&self, party: &Party) -> Result<(), Denied> {
        if party.territory == self.terms.government {
            return Ok(());
        }
        Err(Denied::of(
            "control.other_government",
            format!(
                "this is decided by the government of {}; let somebody there decide",
                self.terms.government
            ),
            format!("应由 {} 人民政府决定；请由其答复", self.terms.government),
        ))
    }

    fn not_next_upper(&self) -> Denied {
        let upper = self.next_upper().unwrap_or_default();
        Denied::of(
            "control.not_theirs",
            format!(
                "this is decided by the government next above {} ({upper}); let somebody there answer",
                self.terms.government
            ),
            format!("应由 {} 的上一级人民政府（{upper}）决定；请由其答复", self.terms.government),
        )
    }
}

fn nothing_to_decide(state: MeasureState) -> Denied {
    Denied::of(
        "control.state",
        format!("nothing is to be decided here: the measure is {}; reload the page", state.word()),
        format!("此处无需处理：该措施状态为“{}”；请刷新页面", state_zh(state)),
    )
}

fn state_zh(state: MeasureState) -> &'static str {
    match state {
        MeasureState::Proposed => "待决定",
        MeasureState::Decided => "待上级批准",
        MeasureState::Refused => "未获批准",
        MeasureState::Approved => "已批准",
        MeasureState::Announced => "已公告",
        MeasureState::Active => "生效中",
        MeasureState::Lifted => "已解除",
        MeasureState::Lapsed => "已到期",
    }
}

//! The dated facts by which an event is judged: 7-1-7.

use crate::cases::Event;
use crate::cases::changes::touch_event;
use crate::cases::reach::event_in_reach;
use crate::refuse::invalid;
use base::{Day, Id, Territory};
use cases::Milestone;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sent, Tx, params};

/// A fact of an event gets its day, or is said not to apply. Without either it is taken back.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMilestone {
    pub id: Id<Sent>,
    pub event: Id<Event>,
    pub kind: Milestone,
    #[serde(default)]
    pub day: Option<Day>,
    #[serde(default = "applies")]
    pub applicable: bool,
}

fn applies() -> bool {
    true
}

impl Change for SetMilestone {
    const NAME: &'static str = "set milestone";
    const NEEDS: Permission = Permission::EventsWrite;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(event_in_reach(tx, self.event)?.0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.event.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        event_in_reach(tx, self.event)?;
        if !self.applicable && (!self.kind.is_action() || self.day.is_some()) {
            return Err(invalid(
                "events.milestone",
                "applicable",
                "only an early action may not apply, and then it has no day; give the day or say so",
                "只有早期处置行动可标为“不适用”，且不填日期；请二选一",
            ));
        }
        let today = tx.at.day_at_offset(crate::regions::UTC_OFFSET_MINUTES);
        if self.day.is_some_and(|day| day > today) {
            return Err(invalid(
                "events.milestone_future",
                "day",
                format!("this is what happened; choose a day up to today, {today}"),
                format!("此处记录已发生的事；请选择不晚于今天（{today}）的日期"),
            ));
        }
        set(tx, self.event, self.kind, self.day, self.applicable, "person")?;
        touch_event(tx, Some(self.event))
    }
}

fn set(
    tx: &mut Tx<'_>,
    event: Id<Event>,
    kind: Milestone,
    day: Option<Day>,
    applicable: bool,
    source: &str,
) -> Result<()> {
    tx.run("DELETE FROM cases_milestone WHERE event = $1 AND kind = $2", params![event, kind.word()])?;
    if day.is_some() || !applicable {
        tx.run(
            "INSERT INTO cases_milestone (event, kind, day, applicable, source, at, by_whom) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![event, kind.word(), day, applicable, source, tx.at, &tx.actor.id],
        )?;
    }
    Ok(())
}

/// A signal that led to an event tells when it was first seen; an earlier day counts, and what a person said stays.
pub(crate) fn date_from_signal(tx: &mut Tx<'_>, event: Id<Event>, facts: &[(&str, Day)]) -> Result<()> {
    use store::Query;
    for (word, day) in facts {
        let kind: Milestone = word.parse().map_err(|fault| store::Error::Shape(format!("{fault}")))?;
        let sql = "SELECT day, source FROM cases_milestone WHERE event = $1 AND kind = $2";
        let known = tx.first(sql, params![event, kind.word()])?;
        let stays = match &known {
            Some(row) => {
                row.text(1)? == "person" || row.opt_read::<Day>(0)?.is_some_and(|known| known <= *day)
            }
            None => false,
        };
        if !stays {
            set(tx, event, kind, Some(*day), true, "signal")?;
        }
    }
    Ok(())
}

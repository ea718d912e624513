//! Events: outbreak workspaces that hold cases, contacts, places and notes.

use crate::cases::Event;
use crate::cases::reach::event_in_reach;
use crate::packed;
use crate::refuse::{exists, invalid, required};
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// An outbreak gets a workspace.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenEvent {
    pub id: Id<Sent>,
    pub event: Id<Event>,
    pub name: String,
    #[serde(default)]
    pub disease: Option<String>,
    pub territory: Territory,
    #[serde(default)]
    pub started: Option<Day>,
    #[serde(default)]
    pub summary: Option<String>,
}

impl Change for OpenEvent {
    const NAME: &'static str = "open event";
    const NEEDS: Permission = Permission::EventsWrite;
    const BASIS: Basis = Basis::OutbreakResponse;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.event.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        if tx.count("SELECT count(*) FROM cases_event WHERE id = $1", params![self.event])? > 0 {
            return Err(exists("event", "疫情事件"));
        }
        tx.run(
            "INSERT INTO cases_event (id, territory, name, disease, status, started, ended, summary, created, changed) \
             VALUES ($1, $2, $3, $4, 'open', $5, NULL, $6, $7, $7)",
            params![
                self.event,
                &self.territory,
                self.name.trim(),
                self.disease.as_deref(),
                self.started,
                self.summary.as_deref().unwrap_or_default(),
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// An event gets another name or summary.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendEvent {
    pub id: Id<Sent>,
    pub event: Id<Event>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub summary: Option<String>,
    /// Of an event that began without one, such as from a signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<String>,
}

impl Change for AmendEvent {
    const NAME: &'static str = "amend event";
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
        if let Some(name) = &self.name {
            required("name", name)?;
        }
        tx.run(
            "UPDATE cases_event SET name = coalesce($2, name), summary = coalesce($3, summary), changed = $4 WHERE id = $1",
            params![self.event, self.name.as_deref(), self.summary.as_deref(), tx.at],
        )?;
        let Some(disease) = &self.disease else { return Ok(()) };
        let (_, known) = event_in_reach(tx, self.event)?;
        if packed::disease(Some(disease)).is_none() || known.as_ref().is_some_and(|known| known != disease) {
            return Err(invalid(
                "events.disease",
                "disease",
                "an event gets its disease once, from the list; open another event for another disease",
                "事件的病种只能从列表中确定一次；其他病种请另建事件",
            ));
        }
        tx.run("UPDATE cases_event SET disease = $2 WHERE id = $1", params![self.event, disease.as_str()])?;
        Ok(())
    }
}

/// An outbreak is over; its records stay.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseEvent {
    pub id: Id<Sent>,
    pub event: Id<Event>,
    pub ended: Day,
    /// Free text, so it is sealed with the event.
    pub reason: Sealed<String>,
}

impl Change for CloseEvent {
    const NAME: &'static str = "close event";
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
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let event = self.event.to_string();
        let key = Vault::key_for(tx, &event)?;
        self.reason.shut(&key, &format!("close_event.reason|{event}"))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let closed = tx.run(
            "UPDATE cases_event SET status = 'closed', ended = $2, changed = $3 WHERE id = $1 AND status = 'open' \
             AND (started IS NULL OR started <= $2)",
            params![self.event, self.ended, tx.at],
        )?;
        if closed == 0 {
            return Err(invalid(
                "events.cannot_close",
                "ended",
                "the event is closed already, or would end before it started; check the day",
                "该事件已关闭，或结束日早于开始日；请检查日期",
            ));
        }
        Ok(())
    }
}

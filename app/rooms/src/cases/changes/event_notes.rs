//! What is written into an event: notes, places, figures that were published as counts.

use crate::cases::changes::touch_event;
use crate::cases::reach::event_in_reach;
use crate::cases::{Event, Figure, Note, Place};
use crate::refuse::required;
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Result, Sealed, Sent, Tx, Vault, params};

/// Somebody notes something. The text is sealed under the event's key: notes name people.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    pub id: Id<Sent>,
    pub note: Id<Note>,
    pub event: Id<Event>,
    pub text: Sealed<String>,
}

pub fn note_context(event: &str) -> String {
    format!("cases_note.text|{event}")
}

impl Change for AddNote {
    const NAME: &'static str = "add note";
    const NEEDS: Permission = Permission::EventsWrite;
    const BASIS: Basis = Basis::Investigation;
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
        if let Sealed::Open(text) = &self.text {
            required("text", text)?;
        }
        let owner = self.event.to_string();
        let key = Vault::key_for(tx, &owner)?;
        self.text.shut(&key, &note_context(&owner))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let territory = event_in_reach(tx, self.event)?.0;
        tx.run(
            "INSERT INTO cases_note (id, territory, event, text, at, by_whom) VALUES ($1, $2, $3, $4, $5, $6)",
            params![self.note, territory, self.event, self.text.cipher()?, tx.at, &tx.actor.id],
        )?;
        touch_event(tx, Some(self.event))
    }
}

/// A place matters to the event.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPlace {
    pub id: Id<Sent>,
    pub place: Id<Place>,
    pub event: Id<Event>,
    pub name: String,
    pub kind: String,
    pub territory: Territory,
    #[serde(default)]
    pub first_day: Option<Day>,
    #[serde(default)]
    pub last_day: Option<Day>,
}

impl Change for AddPlace {
    const NAME: &'static str = "add place";
    const NEEDS: Permission = Permission::EventsWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(event_in_reach(tx, self.event)?.0)
    }
    fn about(&self) -> Vec<String> {
        vec![self.event.to_string(), self.place.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        tx.run(
            "INSERT INTO cases_place (id, territory, event, name, kind, first_day, last_day) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                self.place,
                &self.territory,
                self.event,
                self.name.trim(),
                &self.kind,
                self.first_day,
                self.last_day
            ],
        )?;
        touch_event(tx, Some(self.event))
    }
}

/// A count as it was published: people sealed, people screened.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddFigure {
    pub id: Id<Sent>,
    pub figure: Id<Figure>,
    pub event: Id<Event>,
    pub day: Day,
    pub kind: String,
    pub value: i64,
    pub territory: Territory,
    pub source: String,
}

impl Change for AddFigure {
    const NAME: &'static str = "add figure";
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
        required("kind", &self.kind)?;
        required("source", &self.source)?;
        tx.run(
            "INSERT INTO cases_figure (id, territory, event, day, kind, value, source) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![self.figure, &self.territory, self.event, self.day, &self.kind, self.value, &self.source],
        )?;
        touch_event(tx, Some(self.event))
    }
}

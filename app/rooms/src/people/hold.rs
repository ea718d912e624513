//! A legal hold: what an inquiry or a court needs of an event is not erased while it lasts.

use crate::cases::{Event, event_in_reach};
use crate::refuse::{invalid, required};
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// An event is put under a hold, or let go.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetHold {
    pub id: Id<Sent>,
    pub event: Id<Event>,
    pub held: bool,
    /// Free text, so it is sealed.
    pub reason: Sealed<String>,
}

pub(crate) fn hold_context(event: &str) -> String {
    format!("people_hold.reason|{event}")
}

/// Its own key: the reason outlasts the event's notes.
pub(crate) fn hold_owner(event: &str) -> String {
    format!("hold|{event}")
}

impl Change for SetHold {
    const NAME: &'static str = "set hold";
    const NEEDS: Permission = Permission::PrivacyOversee;
    const BASIS: Basis = Basis::RecordKeeping;
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
        let key = Vault::key_for(tx, &hold_owner(&event))?;
        self.reason.shut(&key, &hold_context(&event))
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let known = tx.count("SELECT count(*) FROM people_hold WHERE event = $1", params![self.event])? > 0;
        if known == self.held {
            return Err(invalid(
                "people.hold_unchanged",
                "held",
                "the hold stands as you want it already; nothing was changed",
                "保全状态已是如此，未作更改",
            ));
        }
        if self.held {
            let territory = self.territory(tx)?;
            tx.run(
                "INSERT INTO people_hold (event, territory, reason, by_whom, at) VALUES ($1, $2, $3, $4, $5)",
                params![self.event, territory, self.reason.cipher()?, &tx.actor.id, tx.at],
            )?;
        } else {
            tx.run("DELETE FROM people_hold WHERE event = $1", params![self.event])?;
        }
        Ok(())
    }
}

//! How somebody stands now, beyond account and purpose: the levels in force, the diseases they are named for, a broken glass
//! or a lent role under which their session acts.

use crate::access::delegation::{Lent, lent_now};
use crate::access::glass::{Broken, broken_now};
use crate::access::grant::scope_standing;
use crate::access::levels::Levels;
use crate::access::{Account, Session, SessionId};
use crate::refuse::missing;
use base::{Id, Moment, Territory};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{Basis, Change, Permission, Query, Result, Scope, Sent, Tx, params};

pub(crate) const SCHEMA: &str = "ALTER TABLE access_session ADD COLUMN under TEXT;";

#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub levels: Levels,
    pub(crate) acting: Option<Acting>,
}

#[derive(Debug, Clone)]
pub(crate) enum Acting {
    Glass(Broken),
    Lent(Box<Lent>),
}

impl Standing {
    /// What has ended meanwhile is no longer acted under: the session is its owner's own again.
    pub fn of(
        query: &mut dyn Query,
        account: &Account,
        under: Option<&str>,
        now: Moment,
    ) -> Result<Standing> {
        let levels = Levels::of(query, &account.id.to_string(), now)?;
        let acting = match under {
            Some(under) if under.starts_with("glass_") => {
                broken_now(query, account, under, now)?.map(Acting::Glass)
            }
            Some(under) => lent_now(query, account, under, now)?.map(|lent| Acting::Lent(Box::new(lent))),
            None => None,
        };
        Ok(Standing { levels, acting })
    }
}

impl Session {
    pub fn scope(&self) -> Scope {
        scope_standing(&self.account, &self.purpose, &self.standing)
    }

    /// The banner: under what this session acts, and until when.
    pub(crate) fn acting_told(&self) -> Option<Json> {
        Some(match self.standing.acting.as_ref()? {
            Acting::Glass(glass) => json!({
                "kind": "glass", "id": glass.id, "territory": glass.territory, "disease": glass.disease,
                "ends_at": glass.ends.to_string(),
            }),
            Acting::Lent(lent) => json!({
                "kind": "delegation", "id": lent.id, "territory": lent.territory, "for": lent.lender.name,
                "ends_at": lent.ends.to_string(),
            }),
        })
    }

    /// The glass under which this session looks.
    pub(crate) fn glass(&self) -> Option<&Broken> {
        match self.standing.acting.as_ref()? {
            Acting::Glass(glass) => Some(glass),
            Acting::Lent(_) => None,
        }
    }
}

/// A session acts under a lent role, or for its owner again. A glass is acted under from the moment it is broken.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchSession {
    pub id: Id<Sent>,
    pub session: Id<SessionId>,
    pub under: Option<String>,
    pub purpose: String,
}

impl Change for SwitchSession {
    const NAME: &'static str = "switch session";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::AccessAdministration;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        self.under.iter().cloned().collect()
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let own = tx.actor.person().to_owned();
        let touched = tx.run(
            "UPDATE access_session SET under = $3, purpose = $4 WHERE id = $1 AND account = $2",
            params![self.session, own, self.under.as_deref(), &self.purpose],
        )?;
        if touched == 0 { Err(missing("session", "会话")) } else { Ok(()) }
    }
}

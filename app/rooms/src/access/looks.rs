//! A reading that is written down: of one record of a disease that is kept closely, and of anything behind a broken glass.

use crate::House;
use crate::access::Signed;
use crate::access::glass::Glass;
use crate::reply::Failure;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Actor, Basis, Change, Permission, Result, Scope, Sent, Tx, random_bits};

/// Somebody looks at a list or a record.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    pub id: Id<Sent>,
    /// `case`, or the list: `cases`, `contacts`, `chains`.
    pub what: String,
    pub record: Option<String>,
    pub glass: Option<Id<Glass>>,
    pub territory: Territory,
}

impl Change for Look {
    const NAME: &'static str = "look";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        let glass = self.glass.map(|glass| glass.to_string());
        self.record
            .iter()
            .cloned()
            .chain([format!("list:{}", self.what)].into_iter().filter(|_| self.record.is_none()))
            .chain(glass)
            .collect()
    }
    fn apply(&self, _tx: &mut Tx<'_>) -> Result<()> {
        Ok(())
    }
}

impl Signed {
    /// Behind a glass, what a list shows is written down before it is shown.
    pub(crate) async fn looks_at_list(&self, house: &House, what: &str) -> Result<(), Failure> {
        if self.session.glass().is_none() {
            return Ok(());
        }
        self.look(house, what, None, self.actor.scope.territory.clone()).await
    }

    /// One record: written down behind a glass, and when its disease asks for it.
    pub(crate) async fn looks_at(
        &self,
        house: &House,
        what: &str,
        record: String,
        territory: Territory,
        disease: Option<&str>,
    ) -> Result<(), Failure> {
        if self.session.glass().is_none() && !self.actor.scope.kept.notes(disease) {
            return Ok(());
        }
        self.look(house, what, Some(record), territory).await
    }

    async fn look(
        &self,
        house: &House,
        what: &str,
        record: Option<String>,
        territory: Territory,
    ) -> Result<(), Failure> {
        let look = Look {
            id: Id::from_bits(random_bits()),
            what: what.to_owned(),
            record,
            glass: self.session.glass().map(|glass| glass.id),
            territory,
        };
        // Whoever may look may be written down as having looked: a token, too, which has no account of its own to manage.
        let own = &self.actor.scope;
        let scope = Scope::granted(own.territory.clone(), &own.role, &own.purpose, [Permission::OwnAccount]);
        let actor = Actor { id: self.actor.id.clone(), scope };
        Ok(house.db.apply(&actor, house.now(), look).await?)
    }
}

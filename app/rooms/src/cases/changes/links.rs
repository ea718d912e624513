//! Who infected whom, as somebody says and with what evidence.

use crate::cases::changes::touch_event;
use crate::cases::reach::case_in_reach;
use crate::cases::{Case, Link, LinkRecord, keep_links};
use crate::refuse::{invalid, missing, required};
use base::{Id, Territory};
use cases::Evidence;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sealed, Sent, Tx, Vault, params};

/// One case is said to have infected another.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkCases {
    pub id: Id<Sent>,
    pub link: Id<Link>,
    pub from: Id<Case>,
    pub to: Id<Case>,
    pub evidence: Evidence,
    #[serde(default)]
    pub relation: Option<String>,
}

impl Change for LinkCases {
    const NAME: &'static str = "link cases";
    const NEEDS: Permission = Permission::CasesWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(case_in_reach(tx, self.to)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.link.to_string(), self.from.to_string(), self.to.to_string()]
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.from == self.to {
            return Err(invalid(
                "links.itself",
                "from",
                "a case cannot infect itself; choose another infector",
                "病例不能感染自己；请另选传染源",
            ));
        }
        let infectee = case_in_reach(tx, self.to)?;
        case_in_reach(tx, self.from)?;
        touch_event(tx, infectee.event)?;
        let link = LinkRecord {
            id: self.link,
            territory: infectee.territory,
            event: infectee.event,
            from: self.from,
            to: self.to,
            evidence: self.evidence,
            relation: self.relation.clone(),
        };
        keep_links(tx, &[link])
    }
}

/// A link proves wrong.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlinkCases {
    pub id: Id<Sent>,
    pub link: Id<Link>,
    /// Free text about people, so it is sealed with the one who was said to be infected.
    pub reason: Sealed<String>,
}

impl Change for UnlinkCases {
    const NAME: &'static str = "unlink cases";
    const NEEDS: Permission = Permission::CasesWrite;
    const BASIS: Basis = Basis::Investigation;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        // A link belongs to its infectee: who does not reach that case reaches no link of it.
        let row = tx.first("SELECT to_case FROM cases_link WHERE id = $1", params![self.link])?;
        let infectee = row.map(|row| row.read(0)).transpose()?.map(|case| case_in_reach(tx, case));
        infectee.and_then(Result::ok).map(|case| case.territory).ok_or_else(|| missing("link", "关联"))
    }
    fn about(&self) -> Vec<String> {
        vec![self.link.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let sql = "SELECT c.subject FROM cases_link l JOIN cases_case c ON c.id = l.to_case WHERE l.id = $1";
        let row = tx.first(sql, params![self.link])?.ok_or_else(|| missing("link", "关联"))?;
        let subject = row.text(0)?;
        let key = Vault::key_for(tx, &subject)?;
        self.reason.shut(&key, &format!("unlink_cases.reason|{subject}"))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run("DELETE FROM cases_link WHERE id = $1", params![self.link])?;
        Ok(())
    }
}

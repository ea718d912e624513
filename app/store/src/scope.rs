//! Who is asking: a subtree of territories × what the role may do × for which purpose. Every read of a person and every
//! write goes through one. Only the access room makes them.

use crate::{Permission, Refusal, Status};
use base::Territory;
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub territory: Territory,
    pub role: String,
    pub purpose: String,
    permissions: BTreeSet<Permission>,
    /// A row of the journal applied again: where it could happen was asked when it was written.
    recorded: bool,
    pub kept: Kept,
}

/// Kinds of record that are kept more closely than territory and role alone would keep them. Which words these are (diseases)
/// is the rooms' matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Whose records this scope does not read, as if they were not there.
    pub unread: BTreeSet<String>,
    /// Of those, the ones of which it does not even see events and counts.
    pub unseen: BTreeSet<String>,
    /// Whose records are read with a row in the journal.
    pub noted: BTreeSet<String>,
    /// Whose names need a second person.
    pub agreed: BTreeSet<String>,
}

impl Kept {
    pub fn reads(&self, kind: Option<&str>) -> bool {
        !kind.is_some_and(|kind| self.unread.contains(kind))
    }

    pub fn sees(&self, kind: Option<&str>) -> bool {
        !kind.is_some_and(|kind| self.unseen.contains(kind))
    }

    pub fn notes(&self, kind: Option<&str>) -> bool {
        kind.is_some_and(|kind| self.noted.contains(kind))
    }
}

impl Scope {
    pub fn granted(
        territory: Territory,
        role: &str,
        purpose: &str,
        permissions: impl IntoIterator<Item = Permission>,
    ) -> Scope {
        Scope {
            territory,
            role: role.to_owned(),
            purpose: purpose.to_owned(),
            permissions: permissions.into_iter().collect(),
            recorded: false,
            kept: Kept::default(),
        }
    }

    pub(crate) fn as_recorded(territory: Territory, purpose: &str) -> Scope {
        Scope {
            territory,
            role: "recorded".to_owned(),
            purpose: purpose.to_owned(),
            permissions: Permission::ALL.iter().copied().collect(),
            recorded: true,
            kept: Kept::default(),
        }
    }

    #[must_use]
    pub fn keeping(mut self, kept: Kept) -> Scope {
        self.kept = kept;
        self
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    pub fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        self.permissions.iter().copied()
    }

    pub fn demand(&self, permission: Permission) -> Result<(), Refusal> {
        if self.may(permission) {
            return Ok(());
        }
        Err(Refusal::new(
            Status::Forbidden,
            "access.not_allowed",
            format!("the role {} does not include `{}`; ask an administrator", self.role, permission.word()),
            format!("角色 {} 没有“{}”权限；请联系系统管理员", self.role, permission.word()),
        ))
    }

    /// Whether a place lies within reach. What a row of the journal reached when it was written, it reaches again.
    pub fn reaches(&self, territory: &Territory) -> bool {
        self.recorded || self.territory.holds(territory)
    }

    pub fn demand_territory(&self, territory: &Territory) -> Result<(), Refusal> {
        if self.reaches(territory) {
            return Ok(());
        }
        Err(Refusal::new(
            Status::Forbidden,
            "access.outside_territory",
            format!("{territory} is outside your territory {}; ask the department there", self.territory),
            format!("{territory} 不在您的辖区 {} 内；请联系当地部门", self.territory),
        ))
    }
}

/// Who acts: written on every journal row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// An account id, or a word such as `operator` for the command line on the machine itself.
    pub id: String,
    pub scope: Scope,
}

impl Actor {
    /// The account itself, whatever powers it borrows: an actor may be told as `account_D delegation_X account_L`.
    pub fn person(&self) -> &str {
        self.id.split(' ').next().unwrap_or_default()
    }

    /// The account in whose place this one acts, when it does.
    pub fn acts_for(&self) -> Option<&str> {
        self.id.split(' ').nth(2)
    }

    /// The person at the machine's own command line, who can read the database file anyway.
    pub fn operator() -> Actor {
        Actor {
            id: "operator".to_owned(),
            scope: Scope::granted(
                Territory::whole(),
                "operator",
                "outbreak_response",
                Permission::ALL.iter().copied(),
            ),
        }
    }
}

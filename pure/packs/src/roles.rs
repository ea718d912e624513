//! The roles pack: who may do what, and what for.

use crate::fault::{Check, read_toml};
use crate::{Faults, Permission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    pub version: String,
    pub permissions: Vec<Door>,
    pub purposes: Vec<Purpose>,
    pub separations: Vec<Separation>,
    pub roles: Vec<Role>,
}

/// A permission with the words people read beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Door {
    pub id: Permission,
    pub zh: String,
    pub en: String,
}

/// Why somebody looks: named at each opening, written into the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// May a name be opened for it?
    pub opens_identity: bool,
}

/// Permissions that no single role may hold, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Separation {
    pub never_together: [Permission; 2],
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub comes_for_zh: String,
    pub comes_for_en: String,
    pub permissions: BTreeSet<Permission>,
    pub purposes: BTreeSet<String>,
    /// Powers for which a password alone is too little, where the house asks for more.
    #[serde(default)]
    pub second_factor: bool,
    /// Rows without names that one export may hold; none when absent.
    #[serde(default)]
    pub export_rows: u32,
    /// People in one list with names; none when absent.
    #[serde(default)]
    pub identity_rows: u32,
}

impl Role {
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

impl Roles {
    /// # Errors
    /// Everything that is wrong with the pack, each with its key and a remedy.
    pub fn read(text: &str) -> Result<Roles, Faults> {
        let roles: Roles = read_toml(PACK, text)?;
        let mut check = Check::of(PACK);
        roles.check_words(&mut check);
        for role in &roles.roles {
            roles.check_role(role, &mut check);
        }
        check.finish(roles)
    }

    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    pub fn purpose(&self, id: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.id == id)
    }

    /// May this role open a name for this purpose? Needs the permission, and a purpose of the role that
    /// opens identities.
    pub fn may_open_identity(&self, role: &Role, purpose: &str) -> bool {
        role.may(Permission::IdentityOpen)
            && role.purposes.contains(purpose)
            && self.purpose(purpose).is_some_and(|purpose| purpose.opens_identity)
    }

    fn check_words(&self, check: &mut Check<'_>) {
        let described: BTreeSet<Permission> = self.permissions.iter().map(|door| door.id).collect();
        for permission in Permission::ALL.iter().filter(|permission| !described.contains(permission)) {
            let key = format!("permissions.{permission}");
            check.fault(&key, "is not described", "add a [[permissions]] entry with zh and en");
        }
        for door in &self.permissions {
            check.said(&door.zh, &format!("permissions.{}.zh", door.id));
            check.said(&door.en, &format!("permissions.{}.en", door.id));
        }
        for purpose in &self.purposes {
            check.said(&purpose.zh, &format!("purposes.{}.zh", purpose.id));
            check.said(&purpose.en, &format!("purposes.{}.en", purpose.id));
        }
        for (kind, ids) in [
            ("roles", self.roles.iter().map(|role| &role.id).collect::<Vec<_>>()),
            ("purposes", self.purposes.iter().map(|purpose| &purpose.id).collect()),
        ] {
            let mut seen = BTreeSet::new();
            for id in ids.into_iter().filter(|id| !seen.insert(*id)) {
                check.fault(&format!("{kind}.{id}"), "appears twice", "keep one of the two");
            }
        }
    }

    fn check_role(&self, role: &Role, check: &mut Check<'_>) {
        let key = |field: &str| format!("roles.{}.{field}", role.id);
        for (field, text) in [
            ("zh", &role.zh),
            ("en", &role.en),
            ("comes_for_zh", &role.comes_for_zh),
            ("comes_for_en", &role.comes_for_en),
        ] {
            check.said(text, &key(field));
        }
        check.unless(!role.permissions.is_empty(), &key("permissions"), "is empty", "give it at least one");
        check.unless(!role.purposes.is_empty(), &key("purposes"), "is empty", "give it at least one");
        for purpose in role.purposes.iter().filter(|purpose| self.purpose(purpose).is_none()) {
            check.fault(
                &key("purposes"),
                format!("`{purpose}` is not a purpose of this pack"),
                "add a [[purposes]] entry or correct the word",
            );
        }
        if role.may(Permission::IdentityOpen)
            && !role.purposes.iter().any(|purpose| self.may_open_identity(role, purpose))
        {
            check.fault(
                &key("permissions"),
                "identity.open without a purpose that opens identities",
                "give the role such a purpose or take the permission away",
            );
        }
        for (permission, rows, field) in [
            (Permission::DataExport, role.export_rows, "export_rows"),
            (Permission::IdentityExport, role.identity_rows, "identity_rows"),
        ] {
            if role.may(permission) != (rows > 0) {
                check.fault(
                    &key(field),
                    format!("does not fit {permission}"),
                    "say how many rows with the permission, and none without it",
                );
            }
        }
        for separation in &self.separations {
            let [one, other] = separation.never_together;
            if role.may(one) && role.may(other) {
                check.fault(
                    &key("permissions"),
                    format!("holds both {one} and {other}, but {}", separation.why),
                    "take one of the two away",
                );
            }
        }
    }
}

const PACK: &str = "roles/roles";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    fn refused(text: &str) -> String {
        Roles::read(text).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_roles_are_the_eight_the_data_officer_and_the_administrator() {
        let roles = Roles::read(shipped::ROLES).unwrap();
        let ids: Vec<&str> = roles.roles.iter().map(|role| role.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "epidemiologist",
                "laboratory",
                "field",
                "sentinel",
                "commander",
                "auditor",
                "analyst",
                "integrator",
                "data_officer",
                "administrator"
            ]
        );
    }

    #[test]
    fn the_administrator_sees_no_person_and_no_journal() {
        let roles = Roles::read(shipped::ROLES).unwrap();
        let administrator = roles.role("administrator").unwrap();
        assert!(administrator.may(Permission::AccountsManage));
        for hidden in [
            Permission::CasesRead,
            Permission::ContactsRead,
            Permission::IdentityOpen,
            Permission::DataExport,
            Permission::JournalRead,
        ] {
            assert!(!administrator.may(hidden), "the administrator holds {hidden}");
        }
    }

    #[test]
    fn names_open_for_outbreak_response_and_stay_shut_for_analysis() {
        let roles = Roles::read(shipped::ROLES).unwrap();
        let epidemiologist = roles.role("epidemiologist").unwrap();
        assert!(roles.may_open_identity(epidemiologist, "outbreak_response"));
        assert!(!roles.may_open_identity(epidemiologist, "analysis"));
        assert!(!roles.may_open_identity(roles.role("analyst").unwrap(), "outbreak_response"));
    }

    #[test]
    fn a_role_that_audits_itself_is_refused_with_the_reason() {
        let text = shipped::ROLES.replace(
            r#"["accounts.manage", "regions.write"]"#,
            r#"["accounts.manage", "regions.write", "journal.read"]"#,
        );
        let refusal = refused(&text);
        assert!(
            refusal.contains("roles.administrator.permissions: holds both accounts.manage and journal.read"),
            "{refusal}"
        );
        assert!(refusal.contains("must not be the one who reviews"), "{refusal}");
    }

    #[test]
    fn an_unknown_permission_is_refused_with_its_line() {
        let text = shipped::ROLES.replace(r#"["accounts.manage", "regions.write"]"#, r#"["accounts.own"]"#);
        let line = text.lines().position(|line| line.contains("accounts.own")).unwrap() + 1;
        let refusal = refused(&text);
        assert!(refusal.contains(&format!("line {line}")), "{refusal}");
        assert!(refusal.contains("accounts.own"), "{refusal}");
    }

    #[test]
    fn a_purpose_nobody_described_is_refused() {
        let refusal =
            refused(&shipped::ROLES.replace(r#"purposes = ["audit"]"#, r#"purposes = ["curiosity"]"#));
        assert!(refusal.contains("`curiosity` is not a purpose of this pack"), "{refusal}");
    }
}

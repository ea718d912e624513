//! From an account and the role pack to a Scope. Nowhere else is one made.

use crate::access::Account;
use crate::packed;
use base::Territory;
use store::{Actor, Permission, Scope};

/// What a role may do in a territory for a purpose. An unknown role may do nothing.
pub fn scope_of(account: &Account, purpose: &str) -> Scope {
    let role = packed::roles().role(&account.role);
    let permissions = role
        .into_iter()
        .flat_map(|role| &role.permissions)
        .filter_map(|permission| Permission::of(permission.word()));
    Scope::granted(
        account.territory.clone(),
        &account.role,
        purpose,
        permissions.chain([Permission::OwnAccount]),
    )
}

pub fn actor_of(account: &Account, purpose: &str) -> Actor {
    Actor { id: account.id.to_string(), scope: scope_of(account, purpose) }
}

/// What a token may do: what it was made with, as far as the role still has it. Its own account is not among it.
pub(super) fn token_scope(territory: &Territory, role: &str, purpose: &str, permissions: &[String]) -> Scope {
    let held = packed::roles().role(role).into_iter().flat_map(|role| &role.permissions);
    let kept = held.filter(|held| permissions.iter().any(|word| word == held.word()));
    let permissions = kept.filter_map(|permission| Permission::of(permission.word()));
    Scope::granted(territory.clone(), role, purpose, permissions)
}

/// The program itself, for what it notes by itself about sessions. It may nothing else.
pub(crate) fn house_itself() -> Actor {
    let scope =
        Scope::granted(Territory::whole(), "quell", "system_administration", [Permission::OwnAccount]);
    Actor { id: "quell".to_owned(), scope }
}

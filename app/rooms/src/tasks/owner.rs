//! Whose a task is: an account's, a team's until somebody takes it, or nobody's yet.

use crate::access::{AccountId, account_by_id};
use crate::packed;
use crate::refuse::{invalid, missing};
use crate::tasks::Team;
use base::{Id, Territory};
use packs::Permission;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use store::{Actor, Query, Result, params};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Account(Id<AccountId>),
    Team(Id<Team>),
    Nobody,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Account(account) => write!(f, "{account}"),
            Owner::Team(team) => write!(f, "{team}"),
            Owner::Nobody => Ok(()),
        }
    }
}

impl FromStr for Owner {
    type Err = base::IdError;
    fn from_str(text: &str) -> std::result::Result<Owner, base::IdError> {
        if text.is_empty() {
            return Ok(Owner::Nobody);
        }
        if text.starts_with("team_") {
            return text.parse().map(Owner::Team);
        }
        text.parse().map(Owner::Account)
    }
}

impl Serialize for Owner {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Owner, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Whoever acts, and whoever they stand in for.
pub(super) fn hands_of(actor: &Actor) -> Vec<&str> {
    [Some(actor.person()), actor.acts_for()].into_iter().flatten().collect()
}

/// The teams somebody belongs to that still work.
pub(super) fn teams_of(query: &mut dyn Query, account: &str) -> Result<Vec<String>> {
    let sql = "SELECT m.team FROM tasks_member m JOIN tasks_team t ON t.id = m.team \
               WHERE m.account = $1 AND t.ended IS NULL ORDER BY m.team";
    query.rows(sql, params![account])?.iter().map(|row| row.text(0)).collect()
}

/// Who leads the people behind an owner; nobody leads themselves.
pub(super) fn lead_of(query: &mut dyn Query, owner: &str, team: Option<&str>) -> Result<Option<String>> {
    let teams = match (team, owner) {
        (Some(team), _) => vec![team.to_owned()],
        (None, "") => Vec::new(),
        (None, owner) => teams_of(query, owner)?,
    };
    for team in teams {
        let sql = "SELECT lead FROM tasks_team WHERE id = $1 AND ended IS NULL AND lead <> $2";
        if let Some(row) = query.first(sql, params![team, owner])? {
            return row.text(0).map(Some);
        }
    }
    Ok(None)
}

/// Somebody who can see a task there and may work on one.
pub(super) fn demand_worker(
    query: &mut dyn Query,
    account: Id<AccountId>,
    territory: &Territory,
) -> Result<()> {
    let known = account_by_id(query, &account.to_string())?.filter(|known| !known.disabled);
    // Told the same whether there is nobody or somebody elsewhere.
    let known = known.filter(|known| known.territory.holds(territory)).ok_or_else(|| {
        invalid(
            "tasks.no_such_worker",
            "owner",
            "nobody with this account works there; choose somebody of that place",
            "该地没有此账号的工作人员；请另选当地人员",
        )
    })?;
    let works = packed::roles()
        .role(&known.role)
        .is_some_and(|role| role.permissions.contains(&Permission::TasksWork));
    if works {
        return Ok(());
    }
    Err(invalid(
        "tasks.does_no_tasks",
        "owner",
        "this account's role does no tasks; choose somebody whose role does, or ask an administrator to change it",
        "该账号的角色不承担任务；请另选人员或联系管理员调整角色",
    ))
}

/// A team that still works and whose territory holds the place.
pub(super) fn demand_team(query: &mut dyn Query, team: Id<Team>, territory: &Territory) -> Result<()> {
    let row =
        query.first("SELECT territory FROM tasks_team WHERE id = $1 AND ended IS NULL", params![team])?;
    let held = row.map(|row| row.read::<Territory>(0)).transpose()?;
    if held.is_some_and(|held| held.holds(territory)) { Ok(()) } else { Err(missing("team", "任务组")) }
}

pub(super) fn demand_owner(query: &mut dyn Query, owner: Owner, territory: &Territory) -> Result<()> {
    match owner {
        Owner::Account(account) => demand_worker(query, account, territory),
        Owner::Team(team) => demand_team(query, team, territory),
        Owner::Nobody => Ok(()),
    }
}

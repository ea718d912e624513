//! People who share tasks.

use crate::access::{AccountId, account_by_id};
use crate::refuse::{exists, invalid, missing, required};
use crate::tasks::Team;
use base::{Id, Territory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// More are no team.
const LARGEST: usize = 500;

/// A team works from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormTeam {
    pub id: Id<Sent>,
    pub team: Id<Team>,
    pub territory: Territory,
    pub name: String,
    /// Told first when something is late.
    pub lead: Id<AccountId>,
    pub members: BTreeSet<Id<AccountId>>,
}

impl Change for FormTeam {
    const NAME: &'static str = "form team";
    const NEEDS: Permission = Permission::TasksManage;
    const BASIS: Basis = Basis::TaskOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.team.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        if tx.count("SELECT count(*) FROM tasks_team WHERE id = $1", params![self.team])? > 0 {
            return Err(exists("team", "任务组"));
        }
        demand_people(tx, &self.territory, &self.members)?;
        demand_people(tx, &self.territory, &BTreeSet::from([self.lead]))?;
        tx.run(
            "INSERT INTO tasks_team (id, territory, name, lead, created, ended) VALUES ($1, $2, $3, $4, $5, NULL)",
            params![self.team, &self.territory, self.name.trim(), self.lead, tx.at],
        )?;
        enlist(tx, self.team, &self.members)
    }
}

/// Another name, lead or list of members; or the team's end, when what it has goes to nobody.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendTeam {
    pub id: Id<Sent>,
    pub team: Id<Team>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub lead: Option<Id<AccountId>>,
    #[serde(default)]
    pub members: Option<BTreeSet<Id<AccountId>>>,
    #[serde(default)]
    pub ended: bool,
}

impl Change for AmendTeam {
    const NAME: &'static str = "amend team";
    const NEEDS: Permission = Permission::TasksManage;
    const BASIS: Basis = Basis::TaskOrder;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        team_in_reach(tx, self.team)
    }
    fn about(&self) -> Vec<String> {
        vec![self.team.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let territory = team_in_reach(tx, self.team)?;
        if let Some(name) = &self.name {
            required("name", name)?;
            tx.run("UPDATE tasks_team SET name = $2 WHERE id = $1", params![self.team, name.trim()])?;
        }
        if let Some(lead) = self.lead {
            demand_people(tx, &territory, &BTreeSet::from([lead]))?;
            tx.run("UPDATE tasks_team SET lead = $2 WHERE id = $1", params![self.team, lead])?;
        }
        if let Some(members) = &self.members {
            demand_people(tx, &territory, members)?;
            tx.run("DELETE FROM tasks_member WHERE team = $1", params![self.team])?;
            enlist(tx, self.team, members)?;
        }
        if self.ended {
            let held = tx.count(
                "SELECT count(*) FROM (SELECT 1 AS one FROM tasks_task WHERE owner = $1 AND active = 1 LIMIT 1) AS held",
                params![self.team],
            )?;
            if held > 0 {
                return Err(invalid(
                    "tasks.team_has_tasks",
                    "ended",
                    "the team still has tasks; move them to others first",
                    "该任务组仍有未完成任务；请先改派",
                ));
            }
            let at = tx.at;
            tx.run(
                "UPDATE tasks_team SET ended = $2 WHERE id = $1 AND ended IS NULL",
                params![self.team, at],
            )?;
        }
        Ok(())
    }
}

fn team_in_reach(tx: &mut Tx<'_>, team: Id<Team>) -> Result<Territory> {
    let row = tx.first("SELECT territory FROM tasks_team WHERE id = $1", params![team])?;
    let held = row.map(|row| row.read::<Territory>(0)).transpose()?;
    let scope = &tx.actor.scope;
    held.filter(|held| scope.reaches(held)).ok_or_else(|| missing("team", "任务组"))
}

fn demand_people(tx: &mut Tx<'_>, territory: &Territory, people: &BTreeSet<Id<AccountId>>) -> Result<()> {
    if people.len() > LARGEST {
        return Err(invalid(
            "tasks.team_size",
            "members",
            format!("a team has at most {LARGEST} members; form two"),
            format!("任务组最多 {LARGEST} 人；请拆分"),
        ));
    }
    for account in people {
        let known = account_by_id(tx, &account.to_string())?.filter(|known| !known.disabled);
        let near =
            known.filter(|known| known.territory.holds(territory) || territory.holds(&known.territory));
        if near.is_none() {
            return Err(invalid(
                "tasks.no_such_worker",
                "members",
                "nobody with one of these accounts works there; choose people of that place",
                "部分账号不在该地工作；请选择当地人员",
            ));
        }
    }
    Ok(())
}

fn enlist(tx: &mut Tx<'_>, team: Id<Team>, members: &BTreeSet<Id<AccountId>>) -> Result<()> {
    let rows: Vec<Vec<store::Value>> =
        members.iter().map(|account| vec![(*account).into(), team.into()]).collect();
    tx.insert_many("INSERT INTO tasks_member (account, team)", 2, &rows, "")
}

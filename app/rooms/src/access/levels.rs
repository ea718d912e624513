//! How closely a disease is kept here: what its pack says, made closer by an administrator, and who is named for one that
//! is closed.

use crate::access::AccountId;
use crate::access::changes::territory_of_account;
use crate::packed;
use crate::refuse::invalid;
use base::{Id, Moment, Territory};
use packs::AccessLevel;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// Naming somebody for a closed disease is for the outbreak at hand, not for ever.
const LONGEST_NAMED_DAYS: i64 = 90;

pub(crate) const SCHEMA: &str = "
CREATE TABLE access_disease (
  disease TEXT PRIMARY KEY,
  level TEXT NOT NULL,
  changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE access_named (
  account TEXT NOT NULL,
  disease TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (account, disease)
) STRICT, WITHOUT ROWID;
";

/// The levels in force, and the diseases one account is named for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    closer: BTreeMap<String, AccessLevel>,
    pub named: BTreeSet<String>,
}

impl Levels {
    /// One question for both: it is asked with every request.
    pub fn of(query: &mut dyn Query, account: &str, now: Moment) -> Result<Levels> {
        let sql = "SELECT disease, level FROM access_disease \
                   UNION ALL SELECT disease, '' FROM access_named WHERE account = $1 AND until > $2";
        let mut levels = Levels::default();
        for row in query.rows(sql, params![account, now])? {
            let (disease, level) = (row.text(0)?, row.text(1)?);
            if level.is_empty() {
                levels.named.insert(disease);
            } else if let Ok(level) = level.parse() {
                levels.closer.insert(disease, level);
            }
        }
        Ok(levels)
    }

    pub fn level(&self, disease: &str) -> AccessLevel {
        let pack = packed::disease(Some(disease)).map_or(AccessLevel::Open, |pack| pack.access);
        self.closer.get(disease).copied().unwrap_or(pack).max(pack)
    }

    /// Whatever is not open, with its level.
    pub fn kept(&self) -> impl Iterator<Item = (&str, AccessLevel)> {
        packed::diseases()
            .iter()
            .map(|pack| (pack.id.as_str(), self.level(&pack.id)))
            .filter(|(_, level)| *level > AccessLevel::Open)
    }
}

/// A department keeps a disease more closely than its pack says, or as the pack says again.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDiseaseAccess {
    pub id: Id<Sent>,
    pub disease: String,
    pub level: AccessLevel,
}

impl Change for SetDiseaseAccess {
    const NAME: &'static str = "set disease access";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    /// It holds for everybody, so only who administers everything sets it.
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(Territory::whole())
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let pack = known_disease(&self.disease)?;
        if self.level < pack {
            return Err(invalid(
                "access.level_loosened",
                "level",
                "a disease is never kept less closely than its pack says; choose that level or a closer one",
                "病种的访问级别不能低于规则包的规定；请选择相同或更严的级别",
            ));
        }
        tx.run(
            "INSERT INTO access_disease (disease, level, changed) VALUES ($1, $2, $3) \
             ON CONFLICT (disease) DO UPDATE SET level = excluded.level, changed = excluded.changed",
            params![&self.disease, self.level.word(), tx.at],
        )?;
        Ok(())
    }
}

fn known_disease(disease: &str) -> Result<AccessLevel> {
    packed::disease(Some(disease)).map(|pack| pack.access).ok_or_else(|| {
        invalid(
            "access.disease",
            "disease",
            "no pack has this disease; choose one of the list",
            "没有该病种的规则包；请从列表选择",
        )
    })
}

/// An account is named for a closed disease until a day, or no longer.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NameForDisease {
    pub id: Id<Sent>,
    pub account: Id<AccountId>,
    pub disease: String,
    /// Hours from now; none takes the name away.
    #[serde(default)]
    pub hours: Option<u32>,
}

impl Change for NameForDisease {
    const NAME: &'static str = "name for disease";
    const NEEDS: Permission = Permission::AccountsManage;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        territory_of_account(tx, self.account)
    }
    fn about(&self) -> Vec<String> {
        vec![self.account.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        known_disease(&self.disease)?;
        let Some(hours) = self.hours.map(i64::from) else {
            tx.run(
                "DELETE FROM access_named WHERE account = $1 AND disease = $2",
                params![self.account, &self.disease],
            )?;
            return Ok(());
        };
        if hours == 0 || hours > LONGEST_NAMED_DAYS * 24 {
            return Err(invalid(
                "access.named_too_long",
                "hours",
                "somebody is named for 90 days at most; choose a shorter time",
                "指定访问最长 90 天；请缩短时间",
            ));
        }
        tx.run(
            "INSERT INTO access_named (account, disease, until) VALUES ($1, $2, $3) \
             ON CONFLICT (account, disease) DO UPDATE SET until = excluded.until",
            params![self.account, &self.disease, tx.at.plus_seconds(hours * 3600)],
        )?;
        Ok(())
    }
}

/// Every disease with its pack's level and the one in force, for administrators.
pub fn told(query: &mut dyn Query) -> Result<Vec<serde_json::Value>> {
    let levels = Levels::of(query, "", Moment(0))?;
    Ok(packed::diseases()
        .iter()
        .map(|pack| {
            serde_json::json!({
                "id": pack.id, "zh": pack.zh, "en": pack.en, "pack": pack.access, "level": levels.level(&pack.id),
            })
        })
        .collect())
}

//! Sites and who reports for them.

use crate::access::{account_by_login, token_within};
use crate::packed;
use crate::refuse::{exists, invalid, missing, required};
use crate::surveillance::Site;
use crate::surveillance::reach::site_in_reach;
use base::{Day, Id, Territory};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

/// A clinic, a school, a pharmacy begins to count for us.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterSite {
    pub id: Id<Sent>,
    pub site: Id<Site>,
    pub territory: Territory,
    pub kind: String,
    pub name: String,
    /// All that its kind counts when nothing is said.
    #[serde(default)]
    pub indicators: Vec<String>,
    /// The first day it is asked for.
    pub started: Day,
}

impl Change for RegisterSite {
    const NAME: &'static str = "register site";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.site.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("name", &self.name)?;
        if tx.count("SELECT count(*) FROM surveillance_site WHERE id = $1", params![self.site])? > 0 {
            return Err(exists("site", "哨点"));
        }
        if self.territory.depth() < 2 {
            return Err(invalid(
                "surveillance.place_too_broad",
                "territory",
                "a site lies in a county or prefecture; choose the county it is in",
                "哨点应位于某个县（区）或地市；请选择所在县区",
            ));
        }
        let indicators = sent_by(&self.kind, &self.indicators)?;
        tx.run(
            "INSERT INTO surveillance_site (id, territory, kind, name, indicators, started, ended, created, changed) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $7)",
            params![
                self.site,
                &self.territory,
                &self.kind,
                self.name.trim(),
                serde_json::json!(indicators).to_string(),
                self.started,
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// What a site of this kind sends: what is asked for, which must be of its kind, or all of it.
fn sent_by(kind: &str, asked: &[String]) -> Result<Vec<String>> {
    let of_kind: Vec<String> = packed::indicators().of_kind(kind).map(|one| one.id.clone()).collect();
    if of_kind.is_empty() {
        let kinds: Vec<&str> = packed::indicators().kinds.iter().map(|kind| kind.id.as_str()).collect();
        return Err(invalid(
            "surveillance.kind",
            "kind",
            format!("there is no such kind of site; choose one of: {}", kinds.join(", ")),
            format!("没有该类哨点；请从以下选择：{}", kinds.join("、")),
        ));
    }
    if asked.is_empty() {
        return Ok(of_kind);
    }
    if asked.iter().any(|one| !of_kind.contains(one)) {
        return Err(invalid(
            "surveillance.indicator",
            "indicators",
            format!("a site of this kind counts: {}; choose among them", of_kind.join(", ")),
            format!("该类哨点的指标为：{}；请从中选择", of_kind.join("、")),
        ));
    }
    Ok(of_kind.into_iter().filter(|one| asked.contains(one)).collect())
}

/// A site gets another name or other indicators, or stops.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendSite {
    pub id: Id<Sent>,
    pub site: Id<Site>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub indicators: Option<Vec<String>>,
    /// Its last day.
    #[serde(default)]
    pub ended: Option<Day>,
}

impl Change for AmendSite {
    const NAME: &'static str = "amend site";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(site_in_reach(tx, self.site)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.site.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let site = site_in_reach(tx, self.site)?;
        if let Some(name) = &self.name {
            required("name", name)?;
        }
        let indicators = self.indicators.as_deref().map(|asked| sent_by(&site.kind, asked)).transpose()?;
        if self.ended.is_some_and(|ended| ended < site.started) {
            return Err(invalid(
                "surveillance.ended",
                "ended",
                format!("the site began on {}; its last day cannot lie before that", site.started),
                format!("该哨点自 {} 起上报；结束日不能早于此", site.started),
            ));
        }
        tx.run(
            "UPDATE surveillance_site SET name = coalesce($2, name), indicators = coalesce($3, indicators), \
             ended = coalesce($4, ended), changed = $5 WHERE id = $1",
            params![
                self.site,
                self.name.as_deref().map(str::trim),
                indicators.map(|list| serde_json::json!(list).to_string()),
                self.ended,
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// Somebody sends the numbers of a site from now on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkReporter {
    pub id: Id<Sent>,
    pub site: Id<Site>,
    /// The sign-in name of an account of the territory, or the id of a token.
    #[serde(alias = "account")]
    pub login: String,
}

impl Change for LinkReporter {
    const NAME: &'static str = "link reporter";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(site_in_reach(tx, self.site)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.site.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let login = self.login.trim();
        let (reach, at) = (&tx.actor.scope, tx.at);
        let account = match login.starts_with("token_") {
            true => token_within(tx, reach, login, at)?.then(|| login.to_owned()),
            false => account_by_login(tx, login)?
                .filter(|account| reach.reaches(&account.territory))
                .map(|account| account.id.to_string()),
        };
        let account = account.ok_or_else(|| missing("account", "账号"))?;
        tx.run(
            "INSERT INTO surveillance_reporter (account, site) VALUES ($1, $2) ON CONFLICT (account, site) DO NOTHING",
            params![account, self.site],
        )?;
        Ok(())
    }
}

/// Somebody no longer does.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnlinkReporter {
    pub id: Id<Sent>,
    pub site: Id<Site>,
    /// The id of an account or a token.
    pub account: String,
}

impl Change for UnlinkReporter {
    const NAME: &'static str = "unlink reporter";
    const NEEDS: Permission = Permission::SurveillanceManage;
    const BASIS: Basis = Basis::Surveillance;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(site_in_reach(tx, self.site)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.site.to_string(), self.account.clone()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(
            "DELETE FROM surveillance_reporter WHERE account = $1 AND site = $2",
            params![&self.account, self.site],
        )?;
        Ok(())
    }
}

//! Breaking the glass: somebody looks beyond their reach for a few hours, with a reason, and the data officer there sees it at
//! once and says afterwards whether it was justified. Never for a disease that is closed.

use crate::access::http::told;
use crate::access::views::account_by_id;
use crate::access::{Account, AccountId, SessionId};
use crate::refuse::{exists, invalid, missing, required};
use base::{Id, Moment, Named, Territory};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{
    Basis, Change, Permission, Query, Refusal, Result, Row, Scope, Sealed, Sent, Status, Tx, Vault, params,
};

pub struct Glass;
impl Named for Glass {
    const PREFIX: &'static str = "glass";
}

/// The night until somebody can be asked; the best known systems use the same three hours.
pub const LONGEST_HOURS: i64 = 3;
/// A reason of a few letters is none.
pub const SHORTEST_REASON: usize = 20;
/// A look that nobody has judged after two days is overdue.
const JUDGED_WITHIN_SECONDS: i64 = 48 * 3600;

pub(crate) const SCHEMA: &str = "
CREATE TABLE access_glass (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  account TEXT NOT NULL,
  disease TEXT,
  reason TEXT NOT NULL,
  broken INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  justified INTEGER,
  judge TEXT,
  note TEXT,
  judged INTEGER
) STRICT;
CREATE INDEX access_glass_territory ON access_glass (territory, broken);
CREATE INDEX access_glass_account ON access_glass (account, broken);
";

/// A glass that is broken now.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub id: Id<Glass>,
    pub territory: Territory,
    pub disease: Option<String>,
    pub ends: Moment,
}

pub(crate) fn broken_now(
    query: &mut dyn Query,
    account: &Account,
    glass: &str,
    now: Moment,
) -> Result<Option<Broken>> {
    let sql =
        "SELECT id, territory, disease, ends FROM access_glass WHERE id = $1 AND account = $2 AND ends > $3";
    let row = query.first(sql, params![glass, account.id, now])?;
    row.map(|row| {
        Ok(Broken {
            id: row.read(0)?,
            territory: row.read(1)?,
            disease: row.opt_text(2)?,
            ends: Moment(row.int(3)?),
        })
    })
    .transpose()
}

/// Somebody breaks the glass; the session that did it acts behind it from now on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    pub id: Id<Sent>,
    pub glass: Id<Glass>,
    pub account: Id<AccountId>,
    pub session: Id<SessionId>,
    /// Where they look.
    pub territory: Territory,
    /// The protected disease they look at; none: what is readable there for everybody of the role.
    pub disease: Option<String>,
    /// Free text that may name a person.
    pub reason: Sealed<String>,
    pub hours: i64,
}

fn words_context(glass: Id<Glass>) -> String {
    format!("access_glass.words|{glass}")
}

impl Change for BreakGlass {
    const NAME: &'static str = "break glass";
    const NEEDS: Permission = Permission::GlassBreak;
    const BASIS: Basis = Basis::BreakGlass;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, _tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(self.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.glass.to_string(), self.account.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason
            && reason.trim().chars().count() < SHORTEST_REASON
        {
            return Err(invalid(
                "access.glass_reason",
                "reason",
                format!("say why in at least {SHORTEST_REASON} characters: the data officer will read it"),
                format!("请用至少 {SHORTEST_REASON} 个字符说明原因：个人信息保护负责人会查看"),
            ));
        }
        let key = Vault::key_for(tx, &self.glass.to_string())?;
        self.reason.shut(&key, &words_context(self.glass))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if !(1..=LONGEST_HOURS).contains(&self.hours) {
            return Err(invalid(
                "access.glass_hours",
                "hours",
                "an emergency look lasts one to three hours; choose one of them",
                "紧急查看为 1 至 3 小时；请选择",
            ));
        }
        if tx.count("SELECT count(*) FROM access_glass WHERE id = $1", params![self.glass])? > 0 {
            return Err(exists("emergency look", "紧急查看"));
        }
        tx.run(
            "INSERT INTO access_glass (id, territory, account, disease, reason, broken, ends) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                self.glass,
                &self.territory,
                self.account,
                self.disease.as_deref(),
                self.reason.cipher()?,
                tx.at,
                tx.at.plus_seconds(self.hours * 3600)
            ],
        )?;
        tx.run(
            "UPDATE access_session SET under = $3 WHERE id = $1 AND account = $2",
            params![self.session, self.account, self.glass],
        )?;
        Ok(())
    }
}

/// Whoever broke it needs it no longer.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndGlass {
    pub id: Id<Sent>,
    pub glass: Id<Glass>,
}

impl Change for EndGlass {
    const NAME: &'static str = "end glass";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::BreakGlass;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.glass.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let person = tx.actor.person().to_owned();
        let touched = tx.run(
            "UPDATE access_glass SET ends = CASE WHEN ends < $3 THEN ends ELSE $3 END WHERE id = $1 AND account = $2",
            params![self.glass, person, tx.at],
        )?;
        if touched == 0 {
            return Err(missing("emergency look", "紧急查看"));
        }
        tx.run("UPDATE access_session SET under = NULL WHERE under = $1", params![self.glass])?;
        Ok(())
    }
}

/// The data officer says whether a look was justified.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgeGlass {
    pub id: Id<Sent>,
    pub glass: Id<Glass>,
    pub justified: bool,
    pub note: Sealed<String>,
}

impl Change for JudgeGlass {
    const NAME: &'static str = "judge glass";
    const NEEDS: Permission = Permission::PrivacyOversee;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        let row = tx.first("SELECT territory FROM access_glass WHERE id = $1", params![self.glass])?;
        let territory = row.map(|row| row.read(0)).transpose()?;
        let held = territory.filter(|territory| tx.actor.scope.reaches(territory));
        held.ok_or_else(|| missing("emergency look", "紧急查看"))
    }
    fn about(&self) -> Vec<String> {
        vec![self.glass.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(note) = &self.note {
            required("note", note)?;
        }
        let key = Vault::key_for(tx, &self.glass.to_string())?;
        self.note.shut(&key, &words_context(self.glass))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let row = tx.first("SELECT account, judged FROM access_glass WHERE id = $1", params![self.glass])?;
        let row = row.ok_or_else(|| missing("emergency look", "紧急查看"))?;
        let looked = row.text(0)?;
        if tx.actor.person() == looked || tx.actor.acts_for() == Some(looked.as_str()) {
            return Err(Refusal::new(
                Status::Forbidden,
                "access.own_glass",
                "nobody judges their own look; another data officer must",
                "不能评定自己的紧急查看；请由另一位负责人评定",
            )
            .into());
        }
        if row.opt_int(1)?.is_some() {
            return Err(Refusal::new(
                Status::Conflict,
                "access.glass_judged",
                "this look is judged already; reload the page",
                "该紧急查看已评定；请刷新页面",
            )
            .into());
        }
        tx.run(
            "UPDATE access_glass SET justified = $2, judge = $3, note = $4, judged = $5 WHERE id = $1",
            params![self.glass, self.justified, tx.actor.person(), self.note.cipher()?, tx.at],
        )?;
        Ok(())
    }
}

const COLUMNS: &str = "id, territory, account, disease, reason, broken, ends, justified, judge, note, judged";

/// Looks into a data officer's territory, and one's own; the newest first, with what was looked at.
pub fn glasses(query: &mut dyn Query, scope: &Scope, me: Id<AccountId>, now: Moment) -> Result<Json> {
    let own =
        format!("SELECT {COLUMNS} FROM access_glass WHERE account = $1 ORDER BY broken DESC, id LIMIT 50");
    let mut mine = Vec::new();
    for row in query.rows(&own, params![me])? {
        mine.push(row_told(query, &row, now)?);
    }
    let mut overseen = Vec::new();
    if scope.may(Permission::PrivacyOversee) {
        let (first, past) = scope.territory.range();
        let sql = format!(
            "SELECT {COLUMNS} FROM access_glass WHERE territory >= $1 AND territory < $2 \
             ORDER BY CASE WHEN judged IS NULL THEN 0 ELSE 1 END, broken DESC, id LIMIT 200"
        );
        for row in query.rows(&sql, params![first, past])? {
            overseen.push(row_told(query, &row, now)?);
        }
    }
    Ok(json!({ "mine": mine, "overseen": overseen }))
}

fn row_told(query: &mut dyn Query, row: &Row, now: Moment) -> Result<Json> {
    let glass: Id<Glass> = row.read(0)?;
    let key = Vault::key_of(query, &glass.to_string())?;
    let open = |sealed: Option<String>| -> Result<Option<String>> {
        let Some((sealed, key)) = sealed.zip(key.as_ref()) else { return Ok(None) };
        key.open(&words_context(glass), &sealed).map(Some)
    };
    let (broken, ends, judged) = (row.int(5)?, row.int(6)?, row.opt_int(10)?);
    let account = account_by_id(query, &row.text(2)?)?;
    let judge = row.opt_text(8)?.map(|id| account_by_id(query, &id)).transpose()?.flatten();
    Ok(json!({
        "id": glass, "territory": row.text(1)?, "disease": row.opt_text(3)?,
        "who": account.map(|who| json!({ "name": who.name, "role": who.role, "territory": who.territory,
                                         "organisation": who.organisation })),
        "reason": open(Some(row.text(4)?))?, "broken_at": told(broken), "ends_at": told(ends),
        "running": Moment(ends) > now,
        "overdue": judged.is_none() && Moment(broken).plus_seconds(JUDGED_WITHIN_SECONDS) < now,
        "justified": row.opt_int(7)?.map(|justified| justified != 0), "judge": judge.map(|judge| judge.name),
        "note": open(row.opt_text(9)?)?, "judged_at": judged.map(told), "looks": looks(query, glass)?,
    }))
}

/// Every look behind the glass, as the journal has it.
fn looks(query: &mut dyn Query, glass: Id<Glass>) -> Result<Vec<Json>> {
    let sql = "SELECT j.at, j.change, j.about FROM journal_about a JOIN journal j ON j.seq = a.seq \
               WHERE a.record = $1 AND j.change IN ('look', 'open identity') ORDER BY j.seq LIMIT 500";
    let rows = query.rows(sql, params![glass])?;
    let own = glass.to_string();
    rows.iter()
        .map(|row| {
            let about = row.text(2)?;
            let records: Vec<&str> = about.split(' ').filter(|id| *id != own).collect();
            Ok(json!({ "at": told(row.int(0)?), "change": row.text(1)?, "about": records }))
        })
        .collect()
}

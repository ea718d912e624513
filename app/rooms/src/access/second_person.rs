//! What one person may not do alone: somebody asks, somebody else agrees, and the thing itself uses the agreement up.

use crate::access::AccountId;
use crate::access::http::told;
use crate::access::views::{Account, account_by_id};
use crate::people::{Subject, subject_territory};
use crate::refuse::{exists, invalid, missing, required};
use crate::trace::fence::fence_territory;
use base::{Id, Moment, Named, Territory};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{
    Basis, Change, Permission, Query, Refusal, Result, Row, Scope, Sealed, Sent, Status, Tx, Vault, params,
};

pub struct Ask;
impl Named for Ask {
    const PREFIX: &'static str = "ask";
}

cases::words! {
    /// What needs a second person.
    AskKind, "kind of request" {
        OpenIdentity = "open_identity", ExportIdentities = "export_identities", ErasePeople = "erase_people",
        OpenFence = "open_fence",
    }
}

impl AskKind {
    /// Nobody asks for what they could not do with the agreement.
    fn needs(self) -> Permission {
        match self {
            AskKind::OpenIdentity => Permission::IdentityOpen,
            AskKind::ExportIdentities => Permission::IdentityExport,
            AskKind::ErasePeople => Permission::PeopleErase,
            AskKind::OpenFence => Permission::FenceOpen,
        }
    }

    /// A list of people who went shopping: one organisation does not agree with itself about it, stated or not.
    fn between_organisations(self) -> bool {
        self == AskKind::OpenFence
    }
}

/// A request nobody answers within a day is made again, with a reason that is true then.
const WAITS_SECONDS: i64 = 24 * 3600;
/// An agreement is for now: an hour, and once.
const HOLDS_SECONDS: i64 = 3600;

pub(crate) const SCHEMA: &str = "
ALTER TABLE access_account ADD COLUMN organisation TEXT;
CREATE TABLE access_ask (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  kind TEXT NOT NULL,
  about TEXT NOT NULL,
  asker TEXT NOT NULL,
  asked_for TEXT,
  reason TEXT NOT NULL,
  asked INTEGER NOT NULL,
  agreed INTEGER,
  answerer TEXT,
  note TEXT,
  answered INTEGER,
  used INTEGER
) STRICT;
CREATE INDEX access_ask_territory ON access_ask (territory, asked);
CREATE INDEX access_ask_asker ON access_ask (asker, asked);
";

/// Somebody asks for a second person.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskSecondPerson {
    pub id: Id<Sent>,
    pub ask: Id<Ask>,
    pub kind: AskKind,
    /// What exactly: the person's or the fence's handle, or the words that say which export or erasure. Never a name.
    pub about: String,
    /// Where; of a person or a fence it is looked up.
    #[serde(default)]
    pub territory: Option<Territory>,
    /// Free text about a person, so it is sealed with the person.
    pub reason: Sealed<String>,
}

impl AskSecondPerson {
    fn subject(&self) -> Result<Id<Subject>> {
        self.about.parse().map_err(|_| missing("person", "人员"))
    }
}

/// Whose key shuts the words of a request: the person's, so that they go when the person is erased; else its own.
fn words_owner(kind: AskKind, about: &str, ask: Id<Ask>) -> String {
    if kind == AskKind::OpenIdentity { about.to_owned() } else { ask.to_string() }
}

fn words_context(ask: Id<Ask>) -> String {
    format!("access_ask.words|{ask}")
}

impl Change for AskSecondPerson {
    const NAME: &'static str = "ask second person";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        tx.actor.scope.demand(self.kind.needs())?;
        if self.kind == AskKind::OpenIdentity {
            return subject_territory(tx, self.subject()?);
        }
        if self.kind == AskKind::OpenFence {
            let fence = self.about.parse().map_err(|_| missing("fence", "暴露围栏"))?;
            return fence_territory(tx, fence);
        }
        self.territory.clone().ok_or_else(|| {
            invalid(
                "field.required",
                "territory",
                "`territory` is empty; say for which territory",
                "“territory”为空；请说明地区",
            )
        })
    }
    fn about(&self) -> Vec<String> {
        let about = match self.kind {
            AskKind::OpenFence => Some(self.about.clone()),
            _ => self.subject().ok().map(|subject| subject.to_string()),
        };
        [self.ask.to_string()].into_iter().chain(about).collect()
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if let Sealed::Open(reason) = &self.reason {
            required("reason", reason)?;
        }
        let key = Vault::key_for(tx, &words_owner(self.kind, &self.about, self.ask))?;
        self.reason.shut(&key, &words_context(self.ask))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        required("about", &self.about)?;
        if tx.count("SELECT count(*) FROM access_ask WHERE id = $1", params![self.ask])? > 0 {
            return Err(exists("request", "申请"));
        }
        let territory = self.territory(tx)?;
        tx.run(
            "INSERT INTO access_ask (id, territory, kind, about, asker, asked_for, reason, asked) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                self.ask,
                territory,
                self.kind.word(),
                &self.about,
                tx.actor.person(),
                tx.actor.acts_for(),
                self.reason.cipher()?,
                tx.at
            ],
        )?;
        Ok(())
    }
}

/// The second person agrees or does not.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerAsk {
    pub id: Id<Sent>,
    pub ask: Id<Ask>,
    pub agreed: bool,
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

impl Change for AnswerAsk {
    const NAME: &'static str = "answer ask";
    const NEEDS: Permission = Permission::IdentityApprove;
    const BASIS: Basis = Basis::PrivacyProtection;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(ask_in_reach(tx, self.ask)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.ask.to_string()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let ask = ask_in_reach(tx, self.ask)?;
        let Some(note) = &mut self.note else { return Ok(()) };
        let key = Vault::key_for(tx, &words_owner(ask.kind, &ask.about, ask.id))?;
        note.shut(&key, &words_context(ask.id))
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let ask = ask_in_reach(tx, self.ask)?;
        if ask.answered.is_some() {
            return Err(told_so(
                "access.ask_answered",
                "this request has its answer already; reload the page",
                "该申请已有答复；请刷新页面",
            ));
        }
        if ask.asked.plus_seconds(WAITS_SECONDS) < tx.at {
            return Err(lapsed());
        }
        another_person(tx, &ask)?;
        let note = self.note.as_ref().map(Sealed::cipher).transpose()?;
        tx.run(
            "UPDATE access_ask SET agreed = $2, answerer = $3, note = $4, answered = $5 WHERE id = $1",
            params![self.ask, self.agreed, tx.actor.person(), note, tx.at],
        )?;
        Ok(())
    }
}

/// The second person is really another one: no account that asked or was acted for answers, under whatever powers; and of
/// two accounts that state their organisation, it is another organisation.
fn another_person(tx: &mut Tx<'_>, ask: &Kept) -> Result<()> {
    let askers = [Some(ask.asker.clone()), ask.asked_for.clone()];
    let answerers = [Some(tx.actor.person().to_owned()), tx.actor.acts_for().map(str::to_owned)];
    if answerers.iter().flatten().any(|one| askers.iter().flatten().any(|other| other == one)) {
        return Err(Refusal::new(
            Status::Forbidden,
            "access.own_ask",
            "nobody is their own second person; let a colleague answer",
            "不能复核自己的申请；请由同事答复",
        )
        .into());
    }
    let me = tx.actor.person().to_owned();
    let (asker, answerer) = (organisation_of(tx, &ask.asker)?, organisation_of(tx, &me)?);
    if ask.kind.between_organisations() && (asker.is_none() || answerer.is_none()) {
        return Err(Refusal::new(
            Status::Forbidden,
            "access.no_organisation",
            "both accounts must state their organisation, and two different ones; ask an administrator to write them down",
            "双方账号须注明单位且单位不同；请系统管理员补充",
        )
        .into());
    }
    if asker.is_some() && asker == answerer {
        return Err(Refusal::new(
            Status::Forbidden,
            "access.same_organisation",
            "the second person comes from another organisation; let somebody there answer",
            "复核人须来自另一单位；请由其他单位人员答复",
        )
        .into());
    }
    Ok(())
}

fn organisation_of(query: &mut dyn Query, account: &str) -> Result<Option<String>> {
    Ok(account_by_id(query, account)?
        .and_then(|account| account.organisation)
        .map(|name| name.to_lowercase()))
}

/// Called inside `apply` of what needs a second person. Refuses unless this very request of the actor's own was agreed
/// to, less than an hour ago, and not used; and uses it up.
///
/// # Errors
/// A refusal that says what is missing: the answer, the time, the agreement, or the request itself.
pub fn use_agreed(tx: &mut Tx<'_>, ask: Id<Ask>, kind: AskKind, about: &str) -> Result<()> {
    let kept = ask_of(tx, ask)?.filter(|kept| kept.asker == tx.actor.person());
    let kept = kept.ok_or_else(|| missing("request", "申请"))?;
    if kept.kind != kind || kept.about != about {
        return Err(told_so(
            "access.ask_other",
            "this agreement is about something else; ask again for this",
            "该同意针对其他事项；请就此事重新申请",
        ));
    }
    let refusal = match kept.state(tx.at) {
        "agreed" => None,
        "waiting" => Some(told_so(
            "access.ask_waiting",
            "the second person has not answered yet; wait or ask somebody by telephone to look",
            "复核人尚未答复；请等待或电话提醒",
        )),
        "refused" => Some(told_so(
            "access.ask_refused",
            "the second person did not agree; talk with them, then ask again",
            "复核人未同意；请沟通后重新申请",
        )),
        "used" => Some(told_so(
            "access.ask_used",
            "this agreement was used already; ask again",
            "该同意已使用；请重新申请",
        )),
        _ => Some(lapsed()),
    };
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    tx.run("UPDATE access_ask SET used = $2 WHERE id = $1", params![ask, tx.at])?;
    Ok(())
}

fn told_so(code: &str, en: &str, zh: &str) -> store::Error {
    Refusal::new(Status::Conflict, code, en, zh).into()
}

fn lapsed() -> store::Error {
    told_so("access.ask_expired", "the time of this request is over; ask again", "该申请已过期；请重新申请")
}

/// A request as it is kept.
struct Kept {
    id: Id<Ask>,
    territory: Territory,
    kind: AskKind,
    about: String,
    asker: String,
    asked_for: Option<String>,
    reason: String,
    asked: Moment,
    agreed: Option<bool>,
    answerer: Option<String>,
    note: Option<String>,
    answered: Option<Moment>,
    used: Option<Moment>,
}

const COLUMNS: &str =
    "id, territory, kind, about, asker, asked_for, reason, asked, agreed, answerer, note, answered, used";

impl Kept {
    fn of(row: &Row) -> Result<Kept> {
        Ok(Kept {
            id: row.read(0)?,
            territory: row.read(1)?,
            kind: row.read(2)?,
            about: row.text(3)?,
            asker: row.text(4)?,
            asked_for: row.opt_text(5)?,
            reason: row.text(6)?,
            asked: Moment(row.int(7)?),
            agreed: row.opt_int(8)?.map(|agreed| agreed != 0),
            answerer: row.opt_text(9)?,
            note: row.opt_text(10)?,
            answered: row.opt_int(11)?.map(Moment),
            used: row.opt_int(12)?.map(Moment),
        })
    }

    fn state(&self, now: Moment) -> &'static str {
        match (self.agreed, self.answered) {
            _ if self.used.is_some() => "used",
            (Some(false), _) => "refused",
            (Some(true), Some(at)) if at.plus_seconds(HOLDS_SECONDS) >= now => "agreed",
            (None, _) if self.asked.plus_seconds(WAITS_SECONDS) >= now => "waiting",
            _ => "expired",
        }
    }

    fn words(&self, query: &mut dyn Query, sealed: Option<&str>) -> Result<Option<String>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let key = Vault::key_of(query, &words_owner(self.kind, &self.about, self.id))?;
        key.map(|key| key.open(&words_context(self.id), sealed)).transpose()
    }

    fn told(&self, query: &mut dyn Query, now: Moment) -> Result<Json> {
        let person = |account: Option<Account>| {
            account.map(|account| {
                json!({ "name": account.name, "role": account.role, "territory": account.territory,
                        "organisation": account.organisation })
            })
        };
        let answerer = self.answerer.as_deref().map(|id| account_by_id(query, id)).transpose()?.flatten();
        let asked_for = self.asked_for.as_deref().map(|id| account_by_id(query, id)).transpose()?.flatten();
        Ok(json!({
            "id": self.id, "kind": self.kind, "about": self.about, "territory": self.territory,
            "asker": person(account_by_id(query, &self.asker)?), "asked_for": person(asked_for),
            "asked_at": told(self.asked.0), "state": self.state(now),
            "ends_at": told(self.ends().0), "reason": self.words(query, Some(&self.reason))?,
            "answerer": person(answerer), "answered_at": self.answered.map(|at| told(at.0)),
            "note": self.words(query, self.note.as_deref())?,
        }))
    }

    /// Until when it can be answered, or used.
    fn ends(&self) -> Moment {
        self.answered.map_or(self.asked.plus_seconds(WAITS_SECONDS), |at| at.plus_seconds(HOLDS_SECONDS))
    }
}

fn ask_of(query: &mut dyn Query, ask: Id<Ask>) -> Result<Option<Kept>> {
    let sql = format!("SELECT {COLUMNS} FROM access_ask WHERE id = $1");
    query.first(&sql, params![ask])?.as_ref().map(Kept::of).transpose()
}

/// How the latest request about something stands.
pub(crate) struct Standing {
    pub ask: Id<Ask>,
    pub asker: String,
    pub state: &'static str,
}

pub(crate) fn ask_standing(
    query: &mut dyn Query,
    kind: AskKind,
    about: &str,
    now: Moment,
) -> Result<Option<Standing>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM access_ask WHERE kind = $1 AND about = $2 ORDER BY asked DESC, id LIMIT 1"
    );
    let kept = query.first(&sql, params![kind.word(), about])?.as_ref().map(Kept::of).transpose()?;
    Ok(kept.map(|kept| Standing { ask: kept.id, state: kept.state(now), asker: kept.asker }))
}

/// A request outside the territory does not exist.
fn ask_in_reach(tx: &mut Tx<'_>, ask: Id<Ask>) -> Result<Kept> {
    let kept = ask_of(tx, ask)?.filter(|kept| tx.actor.scope.reaches(&kept.territory));
    kept.ok_or_else(|| missing("request", "申请"))
}

/// One's own requests, and those one may answer; the longest waiting first.
pub fn asks(query: &mut dyn Query, scope: &Scope, me: Id<AccountId>, now: Moment) -> Result<Json> {
    let me = me.to_string();
    let sql = format!("SELECT {COLUMNS} FROM access_ask WHERE asker = $1 ORDER BY asked DESC, id LIMIT 50");
    let own = query.rows(&sql, params![&me])?;
    let mut mine = Vec::new();
    for row in &own {
        mine.push(Kept::of(row)?.told(query, now)?);
    }
    let mut waiting = Vec::new();
    if scope.may(Permission::IdentityApprove) {
        let (first, past) = scope.territory.range();
        let since = now.plus_seconds(-WAITS_SECONDS);
        let sql = format!(
            "SELECT {COLUMNS} FROM access_ask WHERE territory >= $1 AND territory < $2 AND asked >= $3 \
             AND answered IS NULL AND asker <> $4 ORDER BY asked, id LIMIT 200"
        );
        let organisation = organisation_of(query, &me)?;
        let can = |kept: &Kept, asker: Option<String>| match (&organisation, asker) {
            (Some(mine), Some(theirs)) => *mine != theirs,
            _ => !kept.kind.between_organisations(),
        };
        for row in query.rows(&sql, params![first, past, since, &me])? {
            let kept = Kept::of(&row)?;
            let asker = organisation_of(query, &kept.asker)?;
            if can(&kept, asker) {
                waiting.push(kept.told(query, now)?);
            }
        }
    }
    Ok(json!({ "mine": mine, "waiting": waiting }))
}

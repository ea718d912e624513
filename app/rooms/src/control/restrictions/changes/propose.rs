//! Somebody proposes to restrict one person. It restricts nobody until two others agree.

use crate::control::restrictions::ground::{Ground, ground_within, is_stranger, proof_of};
use crate::control::restrictions::not_ground::wrong_proof;
use crate::control::restrictions::party::party_of;
use crate::control::restrictions::record::{Kept, kept_of};
use crate::control::restrictions::refusals::bad_term;
use crate::control::restrictions::secret::{known_by, secret_of};
use crate::control::restrictions::{Offer, Restriction};
use crate::packed;
use crate::people::Subject;
use crate::refuse::{exists, invalid, missing};
use crate::regions::UTC_OFFSET_MINUTES;
use base::{Id, Moment, Territory};
use control::{BadTerm, RestrictionState, judge_term, latest_end};
use packs::{Proof, ReasonRule, RestrictionKind, RestrictionReason};
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Refusal, Result, Sent, Status, Tx, params};

/// One person, for one reason, on one row of evidence. There is no field for a text, and none for a name.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRestriction {
    pub id: Id<Sent>,
    pub restriction: Id<Restriction>,
    pub subject: Id<Subject>,
    pub kind: RestrictionKind,
    pub reason: RestrictionReason,
    /// The id of the row that says so: `case_…`, `contact_…`, `visit_…`, `zone_…`, `course_…`, `worker_…`.
    pub evidence: String,
    /// Of the pack of restrictions.
    pub article: String,
    pub begins: Moment,
    pub ends: Moment,
    /// The list it stood in.
    #[serde(default)]
    pub offer: Option<Id<Offer>>,
    /// Made here: what the secret of its notice is known by.
    #[serde(default)]
    pub holder: Option<String>,
}

impl Change for ProposeRestriction {
    const NAME: &'static str = "propose restriction";
    const NEEDS: Permission = Permission::RestrictPropose;
    const BASIS: Basis = Basis::PersonalRestriction;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        self.demand_proof()?;
        Ok(self.ground(tx)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.restriction.to_string(), self.subject.to_string(), self.evidence.clone()]
    }
    fn seal(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.holder = Some(known_by(&secret_of(tx.vault(), self.restriction)));
        Ok(())
    }

    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        if kept_of(tx, self.restriction)?.is_some() {
            return Err(exists("restriction", "限制措施"));
        }
        self.demand_proof()?;
        let rule = self.rule();
        self.demand_order(rule)?;
        let ground = self.ground(tx)?;
        let latest = latest_end(rule.days, rule.from, self.begins, ground.exposure, UTC_OFFSET_MINUTES)
            .map_err(bad_term)?;
        judge_term(tx.at, self.begins, self.ends, latest).map_err(bad_term)?;
        let extends = self.demand_new_evidence(tx, &ground)?;
        self.keep(tx, &ground, extends)
    }
}

impl ProposeRestriction {
    fn rule(&self) -> &'static ReasonRule {
        packed::restrictions().reason(self.reason)
    }

    fn ground(&self, tx: &mut Tx<'_>) -> Result<Ground> {
        let (actor, at) = (tx.actor, tx.at);
        ground_within(tx, &actor.scope, self.reason, &self.evidence, self.subject, at)
    }

    fn demand_proof(&self) -> Result<()> {
        let allowed = &self.rule().evidence;
        if proof_of(&self.evidence).is_some_and(|proof| allowed.contains(&proof)) {
            return Ok(());
        }
        let words: Vec<&str> = allowed.iter().map(|proof: &Proof| proof.word()).collect();
        Err(wrong_proof(self.reason, &words))
    }

    /// What may be ordered for this reason, and by which law on that day.
    fn demand_order(&self, rule: &ReasonRule) -> Result<()> {
        if !rule.kinds.contains(&self.kind) {
            let allowed: Vec<&str> = rule.kinds.iter().map(|kind| kind.word()).collect();
            return Err(invalid(
                "restrict.kind",
                "kind",
                format!(
                    "`{}` is not ordered for this reason; choose one of: {}",
                    self.kind,
                    allowed.join(", ")
                ),
                format!("该事由不能采取“{}”；可选：{}", self.kind, allowed.join("、")),
            ));
        }
        let day = self.begins.day_at_offset(UTC_OFFSET_MINUTES);
        let pack = packed::restrictions();
        let fits = |id: &String| pack.article(id).is_some_and(|article| article.in_force(day));
        if rule.articles.contains(&self.article) && fits(&self.article) {
            return Ok(());
        }
        let allowed: Vec<&str> = rule.articles.iter().filter(|id| fits(id)).map(String::as_str).collect();
        Err(invalid(
            "restrict.article",
            "article",
            format!("no such article supports this reason on {day}; name one of: {}", allowed.join(", ")),
            format!("{day} 没有支持该事由的此条文；可选：{}", allowed.join("、")),
        ))
    }

    /// The same row restricts the same person once; a longer time needs something new. Returns what it follows.
    fn demand_new_evidence(&self, tx: &mut Tx<'_>, ground: &Ground) -> Result<Option<Id<Restriction>>> {
        let sql = "SELECT id, evidence, proposed FROM control_restriction WHERE subject = $1 ORDER BY proposed DESC, id";
        let mut extends = None;
        for row in tx.rows(sql, params![self.subject])? {
            let Some(before) = kept_of(tx, row.read(0)?)? else { continue };
            let at = tx.at;
            let state = before.state(tx, at)?;
            let same = before.evidence == self.evidence && before.reason == self.reason;
            if same && before.kind == self.kind && state == RestrictionState::Proposed {
                return Err(Refusal::new(
                    Status::Conflict,
                    "restrict.proposed_already",
                    "the same is proposed for this person already; let it be decided",
                    "已有相同申请待审批；请等待审批",
                )
                .into());
            }
            if before.approved().is_none() {
                continue;
            }
            if same && ground.changed <= before.course.proposed {
                self.demand_no_longer(&before, ground)?;
            }
            extends = extends.or(Some(before.id));
        }
        Ok(extends)
    }

    /// On a record that says nothing new: not the same again, and nothing else beyond the days that ran from the first time.
    fn demand_no_longer(&self, before: &Kept, ground: &Ground) -> Result<()> {
        if before.kind == self.kind {
            return Err(invalid(
                "restrict.same_evidence",
                "evidence",
                "this person was restricted on this very record before, and it says nothing new; name new evidence, or let it end",
                "此人已因该记录受到限制，且记录没有变化；请提供新的依据，或任其到期",
            ));
        }
        let (rule, began) = (self.rule(), before.course.begins);
        let latest =
            latest_end(rule.days, rule.from, began, ground.exposure, UTC_OFFSET_MINUTES).map_err(bad_term)?;
        if self.ends > latest { Err(bad_term(BadTerm::TooLong(latest))) } else { Ok(()) }
    }

    fn keep(&self, tx: &mut Tx<'_>, ground: &Ground, extends: Option<Id<Restriction>>) -> Result<()> {
        let actor = tx.actor;
        let stands = party_of(tx, actor)?;
        let stranger = is_stranger(tx, self.subject, &ground.territory, &self.evidence)?;
        let holder = self.holder.as_deref().ok_or_else(|| missing("notice", "告知书"))?;
        tx.run(
            "INSERT INTO control_restriction (id, territory, subject, disease, kind, reason, evidence, index_case, article, \
             pack, exposure, stranger, proposed, proposer, proposer_org, begins, ends, extends, offered_in, holder) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
            params![
                self.restriction,
                &ground.territory,
                self.subject,
                ground.disease.as_deref(),
                self.kind.word(),
                self.reason.word(),
                &self.evidence,
                ground.index.as_deref(),
                &self.article,
                &packed::restrictions().version,
                ground.exposure,
                stranger,
                tx.at,
                stands.party.kept(),
                stands.organisation,
                self.begins,
                self.ends,
                extends,
                self.offer,
                holder
            ],
        )?;
        Ok(())
    }
}

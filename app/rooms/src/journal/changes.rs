//! Being a witness: what was shown once is never unsaid.

use base::{Id, Territory};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use store::{
    Basis, Change, Checkpoint, Permission, Query, Refusal, Result, Sent, Status, Tx, is_consistent, params,
};

/// Another house shows how far its journal has come; it must add to what it showed before.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeeCheckpoint {
    pub id: Id<Sent>,
    pub checkpoint: Checkpoint,
    /// How many rows the proof starts from.
    pub from: i64,
    pub proof: Vec<String>,
}

fn conflict(code: &str, en: String, zh: String) -> store::Error {
    Refusal::new(Status::Conflict, code, en, zh).into()
}

impl SeeCheckpoint {
    fn follows(&self, before: &Checkpoint) -> bool {
        let node = |text: &String| -> Option<store::Node> { BASE64.decode(text).ok()?.try_into().ok() };
        let proof: Option<Vec<store::Node>> = self.proof.iter().map(node).collect();
        let size = |checkpoint: &Checkpoint| u64::try_from(checkpoint.seq).ok();
        let all = (before.root(), self.checkpoint.root(), size(before), size(&self.checkpoint), proof);
        let (Some(known), Some(root), Some(known_size), Some(size), Some(proof)) = all else { return false };
        is_consistent(known_size, &known, size, &root, &proof)
    }
}

pub(crate) fn last_seen(query: &mut dyn Query, origin: &str) -> Result<Option<Checkpoint>> {
    let row = query.first("SELECT checkpoint FROM journal_witness WHERE origin = $1", params![origin])?;
    row.map(|row| row.json(0)).transpose()
}

impl Change for SeeCheckpoint {
    const NAME: &'static str = "see checkpoint";
    const NEEDS: Permission = Permission::OwnAccount;
    const BASIS: Basis = Basis::RecordKeeping;
    type Out = ();

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(tx.actor.scope.territory.clone())
    }
    fn about(&self) -> Vec<String> {
        vec![self.checkpoint.origin.clone()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<()> {
        let seen = last_seen(tx, &self.checkpoint.origin)?;
        if let Some(before) = &seen {
            let (now, then) = (self.checkpoint.seq, before.seq);
            if now < then {
                return Err(conflict(
                    "witness.backwards",
                    format!(
                        "this journal had {then} rows already and shows {now}: its end was cut off or an older copy put back; verify it"
                    ),
                    format!("该日志此前已有 {then} 行，现仅 {now} 行：末尾被截断或换成了旧副本；请核验"),
                ));
            }
            if self.from == then && !self.follows(before) {
                return Err(conflict(
                    "witness.fork",
                    format!(
                        "this journal does not continue the one of {then} rows seen here before: it was rewritten; verify it"
                    ),
                    format!("该日志与此前所见的 {then} 行不相接：已被重写；请核验"),
                ));
            }
            if self.from != then {
                return Err(conflict(
                    "witness.from",
                    format!("the proof must start from the {then} rows seen last; make it again from there"),
                    format!("证明须从上次所见的 {then} 行开始；请重新生成"),
                ));
            }
        }
        let checkpoint = serde_json::to_string(&self.checkpoint)
            .map_err(|fault| store::Error::Shape(fault.to_string()))?;
        tx.run(
            "INSERT INTO journal_witness (origin, seq, checkpoint, seen) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (origin) DO UPDATE SET seq = excluded.seq, checkpoint = excluded.checkpoint, seen = excluded.seen",
            params![&self.checkpoint.origin, self.checkpoint.seq, checkpoint, tx.at],
        )?;
        Ok(())
    }
}

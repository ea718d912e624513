//! Showing a checkpoint to another house, and being shown one.

use crate::House;
use crate::journal::changes::SeeCheckpoint;
use base::{Id, Territory};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::{
    Actor, Checkpoint, Permission, Refusal, Scope, Status, Witnessed, consistency, leaves, origin_of,
    random_bits,
};

/// What is sent to a witness.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    pub checkpoint: Checkpoint,
    /// The rows the witness saw last, from which the proof starts.
    pub from: i64,
    pub proof: Vec<String>,
}

impl House {
    /// Public keys, one a line, of the houses this one is witness to; read each time, so that adding one needs no restart.
    fn is_witness_for(&self, checkpoint: &Checkpoint) -> bool {
        let file = self.db.place().folder().join("witness-for.txt");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let mut keys = text.lines().map(|line| line.split_whitespace().next().unwrap_or_default());
        keys.any(|key| checkpoint.is_by(key))
    }

    pub(crate) async fn sees(&self, shown: Shown) -> store::Result<Witnessed> {
        if !self.is_witness_for(&shown.checkpoint) {
            return Err(Refusal::new(
                Status::Forbidden,
                "witness.unknown",
                "this house is no witness to that journal, or its signature is wrong; ask its operator to add your key to witness-for.txt",
                "本系统不是该日志的见证方，或签名有误；请联系其运维人员将您的公钥加入 witness-for.txt",
            )
            .into());
        }
        let id = shown.checkpoint.origin.clone();
        let scope = Scope::granted(Territory::whole(), "witness", "audit", [Permission::OwnAccount]);
        let (checkpoint, now) = (shown.checkpoint.clone(), self.now());
        let change = SeeCheckpoint {
            id: Id::from_bits(random_bits()),
            checkpoint: shown.checkpoint,
            from: shown.from,
            proof: shown.proof,
        };
        self.db.apply(&Actor { id, scope }, now, change).await?;
        Ok(checkpoint.witness(&self.db.vault().signing_key("witness"), now))
    }
}

fn asked(address: &str, origin: &str) -> Result<Option<Checkpoint>, String> {
    let url = format!("{}/api/witness/checkpoints?origin={origin}", address.trim_end_matches('/'));
    let mut answer = agent().get(&url).call().map_err(|fault| fault.to_string())?;
    let body = answer.body_mut().read_to_string().map_err(|fault| fault.to_string())?;
    match answer.status().as_u16() {
        200 => serde_json::from_str(&body).map(Some).map_err(|fault| fault.to_string()),
        404 => Ok(None),
        status => Err(format!("it answers {status}: {body}")),
    }
}

fn agent() -> ureq::Agent {
    let within = Some(Duration::from_secs(20));
    ureq::Agent::config_builder().timeout_global(within).http_status_as_error(false).build().into()
}

/// The counter-signature, when the witness agrees that the journal continues what it saw.
pub(crate) fn show(house: &House, address: &str, checkpoint: &Checkpoint) -> Result<Witnessed, String> {
    let from = asked(address, &checkpoint.origin)?.map_or(0, |seen| seen.seq);
    let upto = checkpoint.seq;
    let leaves = house.db.read_long(|reader| leaves(reader, upto)).map_err(|fault| fault.to_string())?;
    let proof = consistency(usize::try_from(from).unwrap_or(0), &leaves);
    let proof = proof.iter().map(|node| BASE64.encode(node)).collect();
    let shown = Shown { checkpoint: checkpoint.clone(), from, proof };
    let body = serde_json::to_string(&shown).map_err(|fault| fault.to_string())?;
    let url = format!("{}/api/witness/checkpoints", address.trim_end_matches('/'));
    let sent = agent().post(&url).header("content-type", "application/json").send(body);
    let mut answer = sent.map_err(|fault| fault.to_string())?;
    let body = answer.body_mut().read_to_string().map_err(|fault| fault.to_string())?;
    if answer.status().as_u16() != 200 {
        return Err(format!("it answers {}: {body}", answer.status().as_u16()));
    }
    let seen: Witnessed = serde_json::from_str(&body).map_err(|fault| fault.to_string())?;
    if !checkpoint.was_seen_by(&seen) {
        return Err("its signature does not fit".to_owned());
    }
    Ok(seen)
}

/// What a witness saw last of the journal with this key.
pub fn seen_by_witness(address: &str, key: &str) -> Result<Vec<Checkpoint>, String> {
    let origin = origin_of(key).ok_or("the journal's public key is needed to ask a witness (--key)")?;
    match asked(address, &origin)? {
        Some(seen) if seen.is_by(key) => Ok(vec![seen]),
        Some(_) => Err(format!("what {address} shows is not signed with this journal's key")),
        None => Err(format!("{address} has seen nothing of this journal")),
    }
}

//! The door for telephones that were without a network: many tubes in one request, each answered for itself. Names are sealed
//! here, on the thread that read them, so that nobody waits for it.

use crate::App;
use crate::lab::changes::{Paper, RegisterTube, Registered};
use crate::lab::people::{Document, Named, Swab, Way, mark, seal};
use crate::lab::{Device, Post};
use crate::refuse::invalid;
use crate::reply::Failure;
use base::{Id, Moment};
use futures_util::future::join_all;
use lab::{Barcode, TubeKind, TubeSize};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Read;
use store::{Actor, Error, Permission, Result, Sent, Vault};

/// One tube, as a telephone tells it.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldTube {
    pub id: Id<Sent>,
    #[schemars(with = "String")]
    pub tube: Barcode,
    pub post: Id<Post>,
    #[serde(default = "of_people")]
    pub kind: TubeKind,
    #[schemars(with = "u8")]
    pub size: TubeSize,
    #[schemars(with = "i64")]
    pub sampled: Moment,
    #[schemars(with = "i64")]
    pub closed: Moment,
    #[serde(default)]
    pub device: Option<Id<Device>>,
    #[serde(default)]
    pub members: Vec<ToldMember>,
    /// `BARCODE/place` of whoever is sampled again, alone.
    #[serde(default)]
    pub again: Option<String>,
    /// It is typed in from a paper list: who sampled stands there.
    #[serde(default)]
    pub paper: Option<Paper>,
}

fn of_people() -> TubeKind {
    TubeKind::People
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldMember {
    pub position: u8,
    #[schemars(with = "i64")]
    pub at: Moment,
    pub way: Way,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub document: Option<Document>,
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub born: Option<String>,
    #[serde(default)]
    pub sheet: Option<String>,
    /// SHA-256 of the secret in the person's own code.
    #[serde(default)]
    pub holder: Option<String>,
}

/// Names, numbers and the like are short; longer ones are a telephone gone wrong.
const LONGEST: usize = 200;

fn too_long(field: &str) -> Error {
    invalid(
        "lab.too_long",
        field,
        format!("a name or number of more than {LONGEST} characters; shorten it"),
        format!("姓名或号码超过 {LONGEST} 个字符；请缩短"),
    )
}

impl ToldTube {
    pub fn sealed(self, vault: &Vault) -> Result<RegisterTube> {
        let owner = format!("swabs_{}", &self.id.to_string()["change_".len()..]);
        if self.paper.as_ref().is_some_and(|paper| paper.sampler.len() > LONGEST) {
            return Err(too_long("paper.sampler"));
        }
        let mut people = Vec::with_capacity(self.members.len());
        let mut named = Vec::with_capacity(self.members.len());
        for (number, member) in self.members.into_iter().enumerate() {
            member.check(number)?;
            let (swab, one) = member.parted(vault);
            people.push(swab);
            named.extend(one);
        }
        let (envelope, wrapped) = if named.is_empty() {
            (None, None)
        } else {
            let (key, wrapped) = vault.new_key(&owner);
            (Some(seal(&key, &owner, &named)?), Some(wrapped))
        };
        Ok(RegisterTube {
            id: self.id,
            tube: self.tube,
            post: self.post,
            kind: self.kind,
            size: self.size,
            sampled: self.sampled,
            closed: self.closed,
            device: self.device,
            people,
            envelope,
            again: self.again,
            paper: self.paper,
            wrapped,
            looked_up: Default::default(),
        })
    }
}

impl ToldMember {
    fn check(&self, number: usize) -> Result<()> {
        let texts = [&self.name, &self.number, &self.phone];
        let others = [&self.born, &self.sheet, &self.holder];
        let mut all = texts.into_iter().chain(others.into_iter().flatten());
        if all.any(|text| text.len() > LONGEST) {
            return Err(too_long(&format!("members.{number}")));
        }
        Ok(())
    }

    fn parted(self, vault: &Vault) -> (Swab, Option<Named>) {
        let named = Named {
            position: self.position,
            name: self.name.trim().to_owned(),
            document: self.document,
            number: self.number.trim().to_owned(),
            phone: self.phone.trim().to_owned(),
            born: self.born.unwrap_or_default(),
        };
        let swab = Swab {
            position: self.position,
            at: self.at.0,
            way: self.way,
            mark: mark(vault, &named),
            holder: self.holder,
            sheet: self.sheet,
            told_in: None,
        };
        let says_something = !(named.name.is_empty() && named.number.is_empty() && named.phone.is_empty());
        (swab, says_something.then_some(named))
    }
}

/// Most lines of one request, and what it may unpack to.
pub const MOST_TUBES: usize = 500;
const LARGEST: u64 = 8_000_000;

/// Lines as they came, unpacked.
pub fn lines_of(body: &[u8], packed: bool) -> Result<String> {
    let mut text = String::new();
    let read = if packed {
        flate2::read::GzDecoder::new(body).take(LARGEST + 1).read_to_string(&mut text)
    } else {
        body.take(LARGEST + 1).read_to_string(&mut text)
    };
    if read.is_err() || text.len() as u64 > LARGEST || text.lines().count() > MOST_TUBES {
        return Err(invalid(
            "lab.unreadable",
            "body",
            format!("send lines of JSON, at most {MOST_TUBES} tubes and 8 MB at once, plain or as gzip"),
            format!("请按行发送 JSON，每次最多 {MOST_TUBES} 管、8 MB，可用 gzip 压缩"),
        ));
    }
    Ok(text)
}

/// Every line for itself: one that is refused harms no other.
pub async fn take(house: &App, actor: &Actor, lines: &str) -> Result<Vec<Value>> {
    actor.scope.demand(Permission::LabCollect)?;
    let now = house.now();
    let told = lines.lines().filter(|line| !line.trim().is_empty()).enumerate();
    let mut answers = Vec::new();
    let all: Vec<(usize, &str)> = told.collect();
    for block in all.chunks(AT_ONCE) {
        answers.extend(block_of(house, actor, now, block).await?);
    }
    Ok(answers)
}

/// Whoever registers one tube meanwhile waits for one block and not for five hundred.
const AT_ONCE: usize = 64;

async fn block_of(house: &App, actor: &Actor, now: Moment, lines: &[(usize, &str)]) -> Result<Vec<Value>> {
    let all = lines.iter().map(async |(number, line)| match one(house, actor, now, line).await {
        Ok((id, out)) => Ok(json!({ "id": id, "out": out })),
        Err((id, Error::Refused(refusal))) => {
            let told = json!({
                "code": refusal.code, "say_en": refusal.en, "say_zh": refusal.zh, "field": refusal.field,
            });
            Ok(json!({ "id": id, "line": number + 1, "error": told }))
        }
        Err((_, fault)) => Err(fault),
    });
    join_all(all).await.into_iter().collect()
}

async fn one(
    house: &App,
    actor: &Actor,
    now: Moment,
    line: &str,
) -> std::result::Result<(String, Registered), (Option<String>, Error)> {
    let told: ToldTube = crate::changes_door::read(line.as_bytes()).map_err(|failure| match failure {
        Failure::Refused(refusal) => (id_in(line), Error::Refused(refusal)),
        _ => (id_in(line), Error::Closed),
    })?;
    let id = told.id.to_string();
    let sealed = told.sealed(house.db.vault()).map_err(|fault| (Some(id.clone()), fault))?;
    match house.db.apply(actor, now, sealed).await {
        Ok(out) => Ok((id, out)),
        Err(fault) => Err((Some(id), fault)),
    }
}

/// So that a telephone knows which of its tubes a refusal is of, even when the rest of the line is broken.
fn id_in(line: &str) -> Option<String> {
    serde_json::from_str::<Value>(line).ok().and_then(|line| line["id"].as_str().map(str::to_owned))
}

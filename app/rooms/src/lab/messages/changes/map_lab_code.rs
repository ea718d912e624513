//! Somebody says what a laboratory's own code means; what waited for it is judged anew.

use crate::lab::Laboratory;
use crate::lab::messages::book::Book;
use crate::lab::messages::codes::{CYCLES, IGNORED, ask_for_meanings, is_packed};
use crate::lab::messages::told::{Code, Said, ToldReport};
use crate::lab::reach::laboratory_in_reach;
use crate::packed;
use crate::refuse::{invalid, missing};
use base::{Id, Territory};
use lab::Call;
use serde::{Deserialize, Serialize};
use store::{Basis, Change, Permission, Query, Result, Sent, Tx, params};

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapLabCode {
    pub id: Id<Sent>,
    pub laboratory: Id<Laboratory>,
    /// `test` or `result`.
    pub kind: String,
    pub system: String,
    pub code: String,
    /// Of a test: a disease whose presence it tells, `cycles`, or `ignored`. Of a result: a call, or `ignored`.
    pub means: String,
    /// The last report that was judged anew, when the same is sent for those that were left.
    #[serde(default)]
    pub after: i64,
}

/// How many reports were judged anew, and how many are left for the same change sent once more.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Mapped {
    pub judged: usize,
    pub left: usize,
    pub last: i64,
}

/// Reports judged anew in one change: more would keep everybody else waiting.
const TURN: usize = 1_000;

impl Change for MapLabCode {
    const NAME: &'static str = "map lab code";
    const NEEDS: Permission = Permission::LabManage;
    const BASIS: Basis = Basis::LaboratoryTesting;
    type Out = Mapped;

    fn id(&self) -> Id<Sent> {
        self.id
    }
    fn territory(&self, tx: &mut Tx<'_>) -> Result<Territory> {
        Ok(laboratory_in_reach(tx, self.laboratory)?.territory)
    }
    fn about(&self) -> Vec<String> {
        vec![self.laboratory.to_string()]
    }
    fn apply(&self, tx: &mut Tx<'_>) -> Result<Mapped> {
        let laboratory = laboratory_in_reach(tx, self.laboratory)?;
        self.check()?;
        let (at, person) = (tx.at, tx.actor.person().to_owned());
        let mapped = tx.run(
            "UPDATE lab_code SET means = $5, mapped = $6, by_whom = $7 WHERE lab = $1 AND kind = $2 AND system = $3 AND code = $4",
            params![self.laboratory, &self.kind, &self.system, &self.code, &self.means, at, &person],
        )?;
        if mapped == 0 {
            return Err(missing("code of this laboratory", "该实验室的代码"));
        }
        // Those that wait for a code, and those of nobody's tube, which are only read. One that still waits has met another
        // code nobody knows.
        let sql = "SELECT seq, said FROM lab_report WHERE lab = $1 AND waits IS NOT NULL AND seq > $2 \
                   AND (standing = 'unknown_code' OR (standing = 'outside' AND call IS NULL)) ORDER BY seq";
        let mut waiting = Vec::new();
        tx.each(sql, params![self.laboratory, self.after], &mut |row| {
            if self.is_said_in(&row.json(1)?) {
                waiting.push(row.int(0)?);
            }
            Ok(())
        })?;
        ask_for_meanings(tx, self.laboratory, &laboratory.territory)?;
        let mut book = Book::of(tx, self.laboratory, laboratory.territory)?;
        for seq in waiting.iter().take(TURN) {
            book.again(tx, *seq, false)?;
        }
        book.close_anew(tx)?;
        let judged = waiting.len().min(TURN);
        let last = waiting.get(judged.saturating_sub(1)).copied().unwrap_or(self.after);
        Ok(Mapped { judged, left: waiting.len() - judged, last })
    }
}

impl MapLabCode {
    fn is_said_in(&self, report: &ToldReport) -> bool {
        let is_it = |code: &Code| code.system == self.system && code.code == self.code;
        report.results.iter().any(|one| {
            one.test.iter().any(is_it) || matches!(&one.said, Said::Codes(codes) if codes.iter().any(is_it))
        })
    }

    fn check(&self) -> Result<()> {
        let means = self.means.as_str();
        let holds = match self.kind.as_str() {
            "test" => matches!(means, CYCLES | IGNORED) || packed::disease(Some(means)).is_some(),
            "result" => means == IGNORED || means.parse::<Call>().is_ok(),
            _ => false,
        };
        if !holds {
            return Err(invalid(
                "lab.code_means",
                "means",
                "a test means a disease, cycles or ignored; a result means a call or ignored: choose one of them",
                "检测项目对应一种疾病、cycles 或 ignored；结果对应一种判读或 ignored；请选择其一",
            ));
        }
        if is_packed(&self.kind, &self.system, &self.code) {
            return Err(invalid(
                "lab.code_known",
                "code",
                "this code means the same everywhere and is not mapped for one laboratory; correct it in packs/results",
                "该代码为通用代码，不按实验室对照；请在 packs/results 中更正",
            ));
        }
        Ok(())
    }
}

//! The journal's tree as far as it has been read: a checkpoint needs only the rows that came since the last one.

use crate::checkpoint::Checkpoint;
use crate::tree::{Node, Tree, leaf};
use crate::{Query, Refusal, Result, Status, params};
use base::Moment;
use ed25519_dalek::SigningKey;

#[derive(Debug, Clone, Default)]
pub struct Ledger {
    tree: Tree,
    head: String,
}

impl Ledger {
    pub fn seq(&self) -> i64 {
        i64::try_from(self.tree.size()).unwrap_or(i64::MAX)
    }

    pub fn root(&self) -> Option<Node> {
        (self.seq() > 0).then(|| self.tree.root())
    }

    pub fn head(&self) -> &str {
        &self.head
    }

    pub(crate) fn adds(&mut self, hash: &str) {
        self.tree.push(leaf(hash));
        hash.clone_into(&mut self.head);
    }

    /// Takes in the rows that came since, up to one of them or to the end.
    pub fn reads(&mut self, query: &mut dyn Query, upto: Option<i64>) -> Result<()> {
        let seq = self.seq();
        if seq > 0 {
            let last = query.first("SELECT hash FROM journal WHERE seq = $1", params![seq])?;
            if last.map(|row| row.text(0)).transpose()?.as_deref() != Some(self.head.as_str()) {
                return Err(Refusal::new(
                    Status::Conflict,
                    "journal.other_past",
                    format!(
                        "row {seq} of the journal is not there any more, or not as it was: verify the journal"
                    ),
                    format!("日志第 {seq} 行已不存在或被更改：请核验日志"),
                )
                .into());
            }
        }
        let sql = "SELECT hash FROM journal WHERE seq > $1 AND seq <= $2 ORDER BY seq";
        query.each(sql, params![seq, upto.unwrap_or(i64::MAX)], &mut |row| {
            self.adds(&row.text(0)?);
            Ok(())
        })
    }

    pub fn signed(&self, key: &SigningKey, at: Moment) -> Checkpoint {
        Checkpoint::signed(key, self.seq(), &self.tree.root(), &self.head, at)
    }
}

/// The leaves of the whole tree, for a proof that a later journal only adds to an earlier one.
pub fn leaves(query: &mut dyn Query, upto: i64) -> Result<Vec<Node>> {
    let mut leaves = Vec::new();
    query.each("SELECT hash FROM journal WHERE seq <= $1 ORDER BY seq", params![upto], &mut |row| {
        leaves.push(leaf(&row.text(0)?));
        Ok(())
    })?;
    Ok(leaves)
}

//! When somebody was last sampled with a result, for rooms that ask by what a number is known.

use crate::lab::indexing::LAYERED_SWABS;
use crate::lab::people::{Document, Named, mark};
use base::Moment;
use lab::Call;
use store::{Query, Result, Vault, params};

/// Under what a number may stand in tubes: a sampler says which kind of document it is of.
pub(crate) fn marks_of_number(vault: &Vault, number: &str) -> Vec<String> {
    let kinds = [Document::IdCard, Document::Passport, Document::Other];
    let of =
        |kind| mark(vault, &Named { document: Some(kind), number: number.to_owned(), ..Named::default() });
    kinds.into_iter().filter_map(of).collect()
}

/// The last swab since then of which a laboratory reported something; an invalid one says nothing.
pub(crate) fn last_test(query: &mut dyn Query, who: &str, since: Moment) -> Result<Option<Moment>> {
    let sql = format!(
        "SELECT max(t.sampled) FROM {LAYERED_SWABS} CROSS JOIN lab_tube t WHERE s.layer = y.layer AND t.seq = s.tube AND s.who = $1 \
         AND t.sampled >= $2 AND t.reported IS NOT NULL AND t.result <> $3"
    );
    let row = query.first(&sql, params![who, since, Call::Invalid.word()])?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten().map(Moment))
}

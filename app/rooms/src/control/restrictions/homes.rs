//! Where somebody lives, as far as a record of an investigation says so.
//!
//! Deliberately absent: addresses. They are sealed, and whoever proposes to restrict somebody is not told by a refusal where they live.

use crate::cases::standing::{cases_of_person, contacts_of_person};
use crate::people::Subject;
use crate::trace::standing::lives_in;
use base::Id;
use control::{Area, Unit};
use store::{Query, Result, params};

/// A case lives where somebody said that they stayed as a resident; a contact where whoever traced them said that they live; both,
/// when nothing was said, somewhere in the township of their record. A place as wide as a county counts only where all of it is closed.
pub(super) fn lives_in_area(query: &mut dyn Query, subject: Id<Subject>, area: &Area) -> Result<bool> {
    let mut homes: Vec<Unit> = Vec::new();
    for (case, territory) in cases_of_person(query, subject)? {
        let stays = residences(query, &case.to_string())?;
        let said = !stays.is_empty();
        homes.extend(stays);
        homes.extend((!said).then(|| Unit::whole(territory)));
    }
    for (contact, territory) in contacts_of_person(query, subject)? {
        homes.push(Unit::whole(lives_in(query, contact)?.unwrap_or(territory)));
    }
    Ok(homes.iter().any(|home| area.holds(home)))
}

fn residences(query: &mut dyn Query, case: &str) -> Result<Vec<Unit>> {
    let sql = "SELECT unit FROM control_stay WHERE case_id = $1 AND kind = 'residence' AND removed IS NULL ORDER BY id LIMIT 50";
    query.rows(sql, params![case])?.iter().map(|row| row.json(0)).collect()
}

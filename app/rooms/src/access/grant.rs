//! From an account, the role pack, the disease packs and how somebody stands now to a Scope. Nowhere else is one made.

use crate::access::levels::Levels;
use crate::access::standing::{Acting, Standing};
use crate::access::{Account, Session};
use crate::packed;
use base::Territory;
use packs::AccessLevel;
use store::{Actor, Kept, Permission, Scope};

/// What a role may do in a territory for a purpose. An unknown role may do nothing.
pub fn scope_of(account: &Account, purpose: &str) -> Scope {
    scope_standing(account, purpose, &Standing::default())
}

pub fn actor_of(account: &Account, purpose: &str) -> Actor {
    Actor { id: account.id.to_string(), scope: scope_of(account, purpose) }
}

/// Who acts in a session, under whatever was lent or broken; the actor's id says so on every row of the journal.
pub(crate) fn actor_in(session: &Session) -> Actor {
    let person = session.account.id;
    let id = match &session.standing.acting {
        None => person.to_string(),
        Some(Acting::Glass(glass)) => format!("{person} {}", glass.id),
        Some(Acting::Lent(lent)) => format!("{person} {} {}", lent.id, lent.lender.id),
    };
    Actor { id, scope: scope_standing(&session.account, &session.purpose, &session.standing) }
}

/// One scope at a time: one's own, or the one behind the glass, or the one that was lent. Never a sum of them.
pub(crate) fn scope_standing(account: &Account, purpose: &str, standing: &Standing) -> Scope {
    let own = |account: &Account| -> Vec<Permission> {
        let role = packed::roles().role(&account.role);
        let words = role.into_iter().flat_map(|role| &role.permissions);
        words.filter_map(|permission| Permission::of(permission.word())).collect()
    };
    let mut kept = kept_from(&standing.levels, purpose);
    let (territory, role, permissions) = match &standing.acting {
        None => (&account.territory, &account.role, own(account)),
        Some(Acting::Glass(glass)) => {
            if let Some(disease) = &glass.disease
                && !kept.unseen.contains(disease)
            {
                kept.unread.remove(disease);
                kept.agreed.remove(disease);
            }
            let looks = [Permission::CasesRead, Permission::ContactsRead, Permission::IdentityOpen];
            let permissions = own(account).into_iter().filter(|own| looks.contains(own)).collect();
            (&glass.territory, &account.role, permissions)
        }
        Some(Acting::Lent(lent)) => {
            let whole = lent.permissions.is_empty();
            let lends = |one: &Permission| whole || lent.permissions.iter().any(|word| word == one.word());
            (&lent.territory, &lent.lender.role, own(&lent.lender).into_iter().filter(lends).collect())
        }
    };
    let permissions = permissions.into_iter().chain([Permission::OwnAccount]);
    Scope::granted(territory.clone(), role, purpose, permissions).keeping(kept)
}

/// What a token may do: what it was made with, as far as the role still has it. Its own account is not among it.
pub(super) fn token_scope(
    territory: &Territory,
    role: &str,
    purpose: &str,
    permissions: &[String],
    levels: &Levels,
) -> Scope {
    let held = packed::roles().role(role).into_iter().flat_map(|role| &role.permissions);
    let kept = held.filter(|held| permissions.iter().any(|word| word == held.word()));
    let permissions = kept.filter_map(|permission| Permission::of(permission.word()));
    Scope::granted(territory.clone(), role, purpose, permissions).keeping(kept_from(levels, purpose))
}

/// The program itself, for what it notes by itself about sessions. It may nothing else.
pub(crate) fn house_itself() -> Actor {
    let scope =
        Scope::granted(Territory::whole(), "quell", "system_administration", [Permission::OwnAccount]);
    Actor { id: "quell".to_owned(), scope }
}

/// Who breaks a glass does it where they want to look, so that it is on record there; it is all this actor may.
pub(crate) fn breaker_of(actor: &Actor, territory: &Territory) -> Actor {
    let may = actor.scope.may(Permission::GlassBreak).then_some(Permission::GlassBreak);
    let scope = Scope::granted(territory.clone(), &actor.scope.role, &actor.scope.purpose, may);
    Actor { id: actor.id.clone(), scope }
}

/// The meaning of the four levels, in one place.
fn kept_from(levels: &Levels, purpose: &str) -> Kept {
    let opens = packed::roles().purpose(purpose).is_some_and(|purpose| purpose.opens_identity);
    let mut kept = Kept::default();
    for (disease, level) in levels.kept() {
        let disease = disease.to_owned();
        let closed_to_them = level == AccessLevel::Closed && !levels.named.contains(&disease);
        if closed_to_them {
            kept.unseen.insert(disease.clone());
        }
        if closed_to_them || (level >= AccessLevel::Protected && !opens) {
            kept.unread.insert(disease.clone());
        }
        if level >= AccessLevel::Protected {
            kept.agreed.insert(disease.clone());
        }
        kept.noted.insert(disease);
    }
    kept
}

/// The program itself, for retention clocks that the pack lets run by themselves. It may erase and nothing else.
pub fn clockwork() -> Actor {
    let scope = Scope::granted(
        base::Territory::whole(),
        "clockwork",
        "privacy_protection",
        [Permission::PeopleErase, Permission::OwnAccount],
    );
    Actor { id: "clockwork".to_owned(), scope }
}

/// Anybody, who says something about themselves where a department asks the public. They may add to its numbers and nothing else.
pub(crate) fn passer_by(territory: &Territory) -> Actor {
    let scope = Scope::granted(territory.clone(), "public", "surveillance", [Permission::ReportsWrite]);
    Actor { id: "public".to_owned(), scope }
}

/// Anybody who asks to hold a gathering. They may ask and nothing else.
pub(crate) fn applicant(territory: &Territory) -> Actor {
    let scope = Scope::granted(territory.clone(), "public", "outbreak_response", [Permission::PermitsApply]);
    Actor { id: "public".to_owned(), scope }
}

/// Reports whoever was found positive alone: laboratory and post have said all there is to say.
pub(crate) fn reporter_of_positives() -> Actor {
    let scope =
        Scope::granted(Territory::whole(), "positives", "outbreak_response", [Permission::CasesWrite]);
    Actor { id: "positives".to_owned(), scope }
}

/// How far a suspected case reaches that a check reports: the event and the person of the course may belong to another county than
/// whoever follows them now.
pub(crate) fn reach_of_the_ill() -> Scope {
    Scope::granted(Territory::whole(), "follow_up", "outbreak_response", [Permission::CasesWrite])
}

/// Turns follow-up to the next day: what was missed is missed, and what is due is due.
pub(crate) fn follow_up_clock() -> Actor {
    let scope = Scope::granted(Territory::whole(), "clockwork", "follow_up", [Permission::FollowupWrite]);
    Actor { id: "follow_up_clock".to_owned(), scope }
}

/// Counts what the house itself could not take, and says so.
pub(crate) fn meter() -> Actor {
    let scope = Scope::granted(Territory::whole(), "meter", "surveillance", [Permission::LabManage]);
    Actor { id: "meter".to_owned(), scope }
}

/// The clockwork of late tasks, which tells whoever is next on the ladder. It may do that and nothing else.
pub(crate) fn teller_of_late() -> Actor {
    let scope = Scope::granted(Territory::whole(), "clockwork", "command", [Permission::TasksManage]);
    Actor { id: "clockwork".to_owned(), scope }
}

/// Reads off tubes when people of monitored occupations were tested. It may say that and nothing else.
pub(crate) fn reader_of_tests() -> Actor {
    let scope =
        Scope::granted(Territory::whole(), "clockwork", "outbreak_response", [Permission::EntryRoster]);
    Actor { id: "reader_of_tests".to_owned(), scope }
}

/// Ends of restrictions on people, and the day's sample of them: what the house writes down when it has come to pass.
pub(crate) fn due_process() -> Actor {
    let may = [Permission::RestrictPropose, Permission::RestrictAudit];
    let scope = Scope::granted(Territory::whole(), "due_process", "audit", may);
    Actor { id: "due_process".to_owned(), scope }
}

/// Whoever holds the secret of their notice, when they appeal. They may say something and nothing else.
pub(crate) fn appellant(territory: &Territory) -> Actor {
    let scope = Scope::granted(territory.clone(), "public", "follow_up", [Permission::ContactsWrite]);
    Actor { id: "appellant".to_owned(), scope }
}

/// Whoever holds the secret of a check-in link: they tell how one person is, and nothing else.
pub(crate) fn followed_self(territory: &Territory) -> Actor {
    let scope = Scope::granted(territory.clone(), "public", "follow_up", [Permission::FollowupWrite]);
    Actor { id: FOLLOWED_SELF.to_owned(), scope }
}

/// How they are called who tell of themselves.
pub(crate) const FOLLOWED_SELF: &str = "followed_self";

/// How the house is called on proposals of its own.
pub(crate) const ZONES: &str = "zones";

/// Proposes zones, and their end, from what finds and rules say. It decides nothing.
pub(crate) fn proposer_of_zones() -> Actor {
    let scope = Scope::granted(Territory::whole(), ZONES, "outbreak_response", [Permission::ControlPropose]);
    Actor { id: ZONES.to_owned(), scope }
}

/// The detectors, when they raise a signal by themselves.
pub(crate) fn watchman() -> Actor {
    let scope = Scope::granted(
        base::Territory::whole(),
        "watchman",
        "surveillance",
        [Permission::SignalsRead, Permission::SignalsAnswer],
    );
    Actor { id: "watchman".to_owned(), scope }
}

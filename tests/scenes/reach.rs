//! The permission table against a specification of a few lines: which permission a route needs, and whether it asks for a
//! record (404 outside), a stated place (403 outside) or a list. Every route × role × {own county, the prefecture above, a
//! township below, the county beside, a county of another prefecture}. What is granted outside stands on a list with its
//! reason, or it fails.

use crate::access::{ROLES, asked, bytes, routes, targets};
use scenes::{JINZHONG, Person, TAIGU, Town, XIAODIAN, YUCI, both, covid_case, fresh, golden};
use serde_json::{Value, json};

both!(every_route_answers_as_permission_and_place_say, every_level_shows_itself_to_those_it_is_for,);

const TOWNSHIP: &str = "14/1407/140703/140703100";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Holds what is asked for: its own county, or the prefecture above.
    Holds,
    /// Lies within it.
    Below,
    Outside,
}

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A record: outside there is none.
    Record,
    /// A record that those below see too, and only see: an event reaches into its townships.
    Reaching,
    /// An event that those below see and do not write.
    ReachingWrite,
    /// A place the request states.
    Stated,
    /// A list narrowed to a stated place: those below get their part of it.
    List,
    /// The same for everybody who has the permission: it is about no place.
    Anywhere,
}

use Kind::{Anywhere, List, Reaching, ReachingWrite, Record, Stated};

/// The specification: it repeats no code, and was written from docs/rooms and packs/roles.
const RULES: &[(&str, &str, Kind)] = &[
    ("GET /api/accounts/{id}/sees", "accounts.manage", Record),
    ("GET /api/cases", "cases.read", List),
    ("GET /api/cases/{id}", "cases.read", Record),
    ("GET /api/chains", "cases.read", List),
    ("GET /api/contacts", "contacts.read", List),
    ("GET /api/disease-access", "accounts.manage", Anywhere),
    ("GET /api/events/{id}", "situation.read", Reaching),
    ("GET /api/imports/{id}", "imports.run", Record),
    ("GET /api/imports/{id}/report.csv", "imports.run", Record),
    ("GET /api/imports/{id}/report.json", "imports.run", Record),
    ("GET /api/journal/verify", "journal.read", Anywhere),
    ("GET /api/situation", "situation.read", List),
    ("POST /api/changes/add-contact", "contacts.write", Stated),
    ("POST /api/changes/add-figure", "events.write", ReachingWrite),
    ("POST /api/changes/add-note", "events.write", ReachingWrite),
    ("POST /api/changes/add-place", "events.write", ReachingWrite),
    ("POST /api/changes/amend-case", "cases.write", Record),
    ("POST /api/changes/amend-contact", "contacts.write", Record),
    ("POST /api/changes/amend-event", "events.write", ReachingWrite),
    ("POST /api/changes/answer-ask", "identity.approve", Record),
    ("POST /api/changes/ask-second-person", "identity.open", Record),
    ("POST /api/changes/classify-case", "cases.write", Record),
    ("POST /api/changes/create-account", "accounts.manage", Stated),
    ("POST /api/changes/create-token", "accounts.manage", Stated),
    ("POST /api/changes/end-sessions", "accounts.manage", Record),
    ("POST /api/changes/judge-glass", "privacy.oversee", Record),
    ("POST /api/changes/link-cases", "cases.write", Record),
    ("POST /api/changes/name-for-disease", "accounts.manage", Record),
    ("POST /api/changes/open-event", "events.write", Stated),
    ("POST /api/changes/report-case", "cases.write", Stated),
    ("POST /api/changes/reset-password", "accounts.manage", Record),
    ("POST /api/changes/reset-second-factor", "accounts.manage", Record),
    ("POST /api/changes/set-account", "accounts.manage", Record),
    ("POST /api/changes/unlink-cases", "cases.write", Record),
    ("POST /api/imports/{id}/undo", "imports.run", Record),
    ("POST /api/regions/import", "regions.write", Anywhere),
    ("POST /api/changes/forget-regions", "regions.write", Anywhere),
    ("POST /api/subjects/{id}/open", "identity.open", Record),
    ("GET /api/sites", "signals.read", List),
    ("GET /api/sites/{id}", "signals.read", Record),
    ("GET /api/completeness", "signals.read", List),
    ("GET /api/series", "signals.read", List),
    ("GET /api/signals", "signals.read", List),
    ("GET /api/signals/accounts", "signals.read", List),
    ("GET /api/signals/tuning", "signals.read", List),
    ("GET /api/signals/{id}", "signals.read", Record),
    ("GET /api/assessments", "signals.read", Record),
    ("GET /api/events/{id}/milestones", "situation.read", Reaching),
    ("GET /api/milestones", "situation.read", List),
    ("POST /api/changes/register-site", "surveillance.manage", Stated),
    ("POST /api/changes/amend-site", "surveillance.manage", Record),
    ("POST /api/changes/link-reporter", "surveillance.manage", Record),
    ("POST /api/changes/unlink-reporter", "surveillance.manage", Record),
    ("POST /api/changes/choose-method", "surveillance.manage", Stated),
    ("POST /api/changes/set-budget", "surveillance.manage", Stated),
    ("POST /api/changes/tune-streams", "surveillance.manage", Stated),
    ("POST /api/changes/revert-tuning", "surveillance.manage", Record),
    ("POST /api/changes/raise-signal", "signals.answer", Stated),
    ("POST /api/changes/answer-signal", "signals.answer", Record),
    ("POST /api/changes/merge-signal", "signals.answer", Record),
    ("POST /api/changes/assess", "signals.answer", Record),
    ("POST /api/changes/set-milestone", "events.write", ReachingWrite),
    ("GET /api/places", "contacts.read", List),
    ("POST /api/fences/{id}/run", "fence.publish", Record),
    ("POST /api/changes/draft-fence", "fence.publish", Stated),
    ("POST /api/changes/publish-fence", "fence.publish", Record),
    ("POST /api/changes/withdraw-fence", "fence.publish", Record),
    ("POST /api/changes/register-visit", "contacts.write", Stated),
    ("GET /api/trace/inferred", "cases.read", Reaching),
    ("GET /api/trace/measures", "situation.read", Reaching),
    ("GET /api/trace/pack", "contacts.read", Anywhere),
    ("GET /api/interviews", "contacts.read", List),
    ("GET /api/interviews/{id}", "contacts.write", Record),
    ("GET /api/interviews/{id}/answers/{question}", "contacts.write", Record),
    ("POST /api/changes/open-interview", "contacts.write", Record),
    ("POST /api/changes/answer-question", "contacts.write", Record),
    ("POST /api/changes/settle-answer", "contacts.write", Record),
    ("POST /api/changes/finish-form", "contacts.write", Record),
    ("POST /api/changes/add-visit", "contacts.write", Record),
    ("POST /api/changes/add-visits", "contacts.write", Record),
    ("GET /api/interviews/{id}/visits", "contacts.write", Record),
    ("POST /api/changes/amend-visit", "contacts.write", Record),
    ("POST /api/changes/remove-visit", "contacts.write", Record),
    ("GET /api/trace/sources", "cases.read", Reaching),
    ("GET /api/interviews/{id}/overlaps", "contacts.write", Record),
    ("GET /api/exposures", "contacts.read", List),
    ("GET /api/contacts/board", "contacts.read", List),
    ("POST /api/changes/add-exposure", "contacts.write", Record),
    ("POST /api/changes/classify-exposure", "contacts.write", Record),
    ("POST /api/changes/hand-over-contacts", "contacts.write", Record),
    ("POST /api/changes/tell-contact-state", "contacts.write", Record),
    ("POST /api/changes/register-place", "contacts.write", Stated),
    ("POST /api/changes/amend-place", "contacts.write", Record),
    ("GET /api/goods", "contacts.read", List),
    ("POST /api/changes/register-goods", "contacts.write", Stated),
    ("POST /api/changes/amend-goods", "contacts.write", Record),
    ("GET /api/lab/campaigns/{id}", "lab.read", Reaching),
    ("GET /api/lab/rounds/{id}", "lab.read", Reaching),
    ("GET /api/lab/rounds/{id}/reconcile", "lab.read", Reaching),
    ("GET /api/lab/rounds/{id}/laboratories", "lab.read", Reaching),
    ("POST /api/lab/plan", "lab.read", Anywhere),
    ("POST /api/lab/paper-list", "lab.collect", Anywhere),
    ("POST /api/changes/plan-shift", "lab.manage", Record),
    ("POST /api/changes/amend-shift", "lab.manage", Record),
    ("POST /api/changes/tell-shortage", "lab.manage", Stated),
    ("POST /api/changes/answer-shortage", "lab.manage", Record),
    ("GET /api/lab/bench", "lab.work", Record),
    ("GET /api/lab/runs", "lab.read", Record),
    ("GET /api/lab/runs/{id}", "lab.read", Record),
    ("GET /api/lab/look-back", "lab.read", Record),
    ("POST /api/lab/runs/{id}/file", "lab.work", Record),
    ("GET /api/lab/assays", "lab.read", Anywhere),
    ("GET /api/control/levels", "control.read", Anywhere),
    ("GET /api/control/zones/{id}", "control.read", Reaching),
    ("GET /api/control/proposals", "control.read", Anywhere),
    ("GET /api/control/at", "control.read", Reaching),
    ("POST /api/control/effect", "control.read", Stated),
    ("POST /api/control/units-in", "control.read", Anywhere),
    ("POST /api/changes/add-stay", "control.propose", Stated),
    ("POST /api/changes/remove-stay", "control.propose", Record),
    ("POST /api/changes/propose-zone", "control.propose", Stated),
    ("POST /api/changes/note-round", "control.propose", ReachingWrite),
    ("POST /api/changes/note-contacts", "control.propose", ReachingWrite),
    ("POST /api/changes/decide-zone", "control.decide", Record),
    ("POST /api/changes/amend-zone", "control.decide", ReachingWrite),
    ("POST /api/changes/release-zone", "control.decide", ReachingWrite),
    ("POST /api/changes/split-zone", "control.decide", ReachingWrite),
    ("GET /api/control/measures", "control.read", List),
    ("GET /api/control/measures/{id}", "control.read", Reaching),
    ("POST /api/control/measures/preview", "control.propose", Stated),
    ("GET /api/control/catalogue", "control.read", Anywhere),
    ("GET /api/control/permits", "control.read", List),
    ("GET /api/control/permits/{id}", "control.read", Record),
    ("POST /api/changes/propose-measure", "control.propose", Stated),
    ("POST /api/changes/decide-measure", "control.decide", Record),
    ("POST /api/changes/approve-measure", "control.approve", Record),
    ("POST /api/changes/refuse-measure", "control.approve", Record),
    ("POST /api/changes/announce-measure", "control.decide", Record),
    ("POST /api/changes/extend-measure", "control.propose", Record),
    ("POST /api/changes/lift-measure", "control.decide", Record),
    ("POST /api/changes/review-measure", "control.propose", Record),
    ("POST /api/changes/tell-effect", "control.propose", Record),
    ("POST /api/changes/apply-permit", "permits.apply", Stated),
    ("POST /api/changes/decide-permit", "control.decide", Record),
    ("POST /api/changes/withdraw-permit", "permits.apply", Record),
    ("POST /api/lab/holds/names", "identity.open", Record),
    ("GET /api/lab/outages", "lab.read", Anywhere),
    ("POST /api/changes/record-outage", "lab.manage", Stated),
    ("POST /api/changes/end-outage", "lab.manage", Record),
    ("POST /api/changes/withdraw-outage", "lab.manage", Record),
    ("POST /api/changes/register-tube", "lab.collect", Record),
    ("POST /api/changes/pack-box", "lab.collect", Record),
    ("POST /api/changes/hand-over-box", "lab.collect", Record),
    ("POST /api/changes/tell-hold", "lab.collect", Record),
    ("POST /api/changes/plan-campaign", "lab.manage", Stated),
    ("POST /api/changes/end-campaign", "lab.manage", ReachingWrite),
    ("POST /api/changes/open-round", "lab.manage", ReachingWrite),
    ("POST /api/changes/end-round", "lab.manage", ReachingWrite),
    ("POST /api/changes/open-post", "lab.manage", Stated),
    ("POST /api/changes/close-post", "lab.manage", Record),
    ("POST /api/changes/register-laboratory", "lab.manage", Stated),
    ("POST /api/changes/amend-laboratory", "lab.manage", Record),
    ("POST /api/changes/receive-tubes", "lab.work", Record),
    ("POST /api/changes/fill-plate", "lab.work", Record),
    ("POST /api/changes/void-run", "lab.work", Record),
    ("POST /api/changes/read-run", "lab.work", Record),
    ("POST /api/changes/call-well", "lab.work", Record),
    ("POST /api/changes/report-run", "lab.work", Record),
    ("GET /api/followup", "followup.read", List),
    ("GET /api/followup/waiting", "followup.read", List),
    ("GET /api/followup/preview", "followup.read", List),
    ("GET /api/followup/day", "followup.read", List),
    ("GET /api/followup/people/{id}", "followup.read", Record),
    ("POST /api/followup/people/{id}/link", "followup.write", Record),
    ("POST /api/changes/tell-not-seen", "followup.write", Record),
    ("POST /api/changes/put-on-pathway", "followup.write", Record),
    ("POST /api/changes/assign-follow-up", "followup.write", Record),
    ("POST /api/changes/tell-check", "followup.write", Record),
    ("POST /api/changes/tell-test", "followup.write", Record),
    ("POST /api/changes/tell-test-result", "followup.write", Record),
    ("POST /api/changes/take-back-test", "followup.write", Record),
    ("POST /api/changes/move-followed", "followup.write", Record),
    ("POST /api/changes/exempt-followed", "followup.write", Record),
    ("POST /api/changes/end-follow-up", "followup.release", Record),
    ("POST /api/changes/switch-edition", "followup.release", Record),
    ("GET /api/lab/messages", "lab.read", Record),
    ("POST /api/lab/messages", "lab.work", Record),
    ("GET /api/lab/runs/{id}/messages", "lab.read", Record),
    ("POST /api/lab/outside/{report}/open", "identity.open", Record),
    ("POST /api/lab/outside/{report}/report", "cases.write", Record),
    ("POST /api/changes/map-lab-code", "lab.manage", Record),
    ("POST /api/changes/settle-report", "lab.manage", Record),
    ("POST /api/changes/link-outside", "cases.write", Record),
    ("GET /api/tasks", "tasks.read", List),
    ("GET /api/tasks/delivered", "tasks.read", List),
    ("GET /api/tasks/overdue", "tasks.read", List),
    ("GET /api/rosters", "entry.roster", List),
    ("GET /api/rosters/overdue", "entry.roster", List),
    ("GET /api/rosters/pack", "entry.roster", Anywhere),
    ("POST /api/changes/enrol-worker", "entry.roster", Stated),
    ("POST /api/changes/tell-worker-test", "entry.roster", Record),
    ("POST /api/changes/set-loop", "entry.roster", Record),
    ("POST /api/changes/strike-worker", "entry.roster", Record),
    ("POST /api/changes/open-task", "tasks.manage", Stated),
    ("POST /api/changes/assign-task", "tasks.manage", Record),
    ("POST /api/changes/cancel-task", "tasks.manage", Record),
    ("POST /api/changes/form-team", "tasks.manage", Stated),
    ("POST /api/changes/amend-team", "tasks.manage", Record),
    ("POST /api/changes/acknowledge-task", "tasks.work", Record),
    ("POST /api/changes/start-task", "tasks.work", Record),
    ("POST /api/changes/finish-task", "tasks.work", Record),
    ("POST /api/changes/give-up-task", "tasks.work", Record),
    ("POST /api/changes/hand-over-task", "tasks.work", Record),
    ("POST /api/changes/take-over-task", "tasks.work", Record),
    ("POST /api/changes/hand-back-task", "tasks.work", Record),
    ("POST /api/changes/propose-restriction", "restrict.propose", Record),
    ("POST /api/changes/approve-restriction", "restrict.approve", Record),
    ("POST /api/changes/decline-restriction", "restrict.approve", Record),
    ("POST /api/changes/lift-restriction", "restrict.propose", Record),
    ("POST /api/changes/tell-restriction", "contacts.write", Record),
    ("POST /api/changes/appeal-restriction", "contacts.write", Record),
    ("POST /api/changes/decide-appeal", "restrict.appeal", Record),
    ("POST /api/changes/judge-restriction", "restrict.audit", Record),
    ("POST /api/restrictions/{id}/notice", "contacts.write", Record),
    ("GET /api/restrictions/alarms", "restrict.audit", Anywhere),
];

/// What may be granted to somebody whose territory does not hold what is asked for, and why. Everything else is a hole.
const GRANTED_OUTSIDE: &[(&str, &str)] = &[
    ("GET /api/backups", "whether the installation's backups are good; no record"),
    ("GET /api/asks", "one's own requests, and those of one's own territory"),
    ("GET /api/delegations", "what one lends and borrows oneself"),
    ("GET /api/disease-access", "levels are everybody's, and no record"),
    ("GET /api/diseases", "packs are public"),
    ("GET /api/events", "a list of one's own territory"),
    ("GET /api/events/{id}", "an event reaches into the townships below it"),
    ("GET /api/accounts", "a list of one's own territory"),
    ("GET /api/cases", "a list: those below get their part of it"),
    ("GET /api/chains", "a list: those below get their part of it"),
    ("GET /api/contacts", "a list: those below get their part of it"),
    ("GET /api/export/cases.csv", "a list: those below get their part of it"),
    ("GET /api/situation", "counts: those below get their part of it"),
    ("GET /api/glass", "one's own looks, and those into one's own territory"),
    ("GET /api/imports", "a list of one's own territory"),
    ("GET /api/journal", "the rows of one's own territory"),
    ("GET /api/live", "news of one's own territory"),
    ("GET /api/openapi.json", "how to ask, and nothing else"),
    ("GET /api/packs", "packs are public"),
    ("GET /api/surveillance/pack", "packs are public"),
    ("GET /api/reporting", "one's own sites"),
    ("POST /api/reports/file", "a file of one's own; rows outside are refused one by one"),
    ("GET /api/sites", "a list: those below get their part of it"),
    ("GET /api/completeness", "counts: those below get their part of it"),
    ("GET /api/series", "counts: those below get their part of it"),
    ("GET /api/signals", "a list: those below get their part of it"),
    ("GET /api/signals/accounts", "counts: those below get their part of it"),
    ("GET /api/signals/tuning", "counts: those below get their part of it"),
    ("GET /api/milestones", "proportions: those below get their part of it"),
    ("GET /api/places", "a list: those below get their part of it"),
    ("GET /api/goods", "a list: those below get their part of it"),
    ("GET /api/fences", "a list of one's own territory"),
    ("POST /api/registered-visits/file", "a file of one's own; rows outside fail one by one"),
    ("GET /api/trace", "an event reaches into the townships below it: told from the cases they read"),
    ("GET /api/interviews", "a list: those below get their part of it"),
    ("GET /api/exposures", "a list: those below get their part of it"),
    ("GET /api/contacts/board", "counts: those below get their part of it"),
    ("GET /api/contact-lists", "one's own lists, sent and received"),
    ("GET /api/followup", "a list, counts and a preview: those below get their part of it"),
    ("POST /api/followup/checks", "lines of one's own; those about people outside are refused one by one"),
    ("GET /api/protocols", "packs are public"),
    ("GET /api/lab/posts", "a list of one's own territory"),
    ("GET /api/lab/outages", "those of one's own territory, and what the house counted of itself"),
    ("GET /api/lab/campaigns", "those of one's own territory, and those a level above ordered for it"),
    ("GET /api/lab/rounds", "a round reaches into the townships below it: they get their part"),
    ("GET /api/lab/laboratories", "a list of one's own territory"),
    ("GET /api/lab/holds", "a list of one's own territory"),
    ("GET /api/lab/assays", "packs are public"),
    ("GET /api/control/levels", "packs are public"),
    ("GET /api/lab/outside", "a list of one's own territory"),
    ("GET /api/control/zones", "zones of one's own territory, and those set over it"),
    ("GET /api/control/at", "what applies over one's own place"),
    ("GET /api/control/proposals", "a list of one's own territory"),
    ("GET /api/control/due", "what waits in one's own territory, in numbers, and orders that end there"),
    ("POST /api/control/units-in", "arithmetic on what was sent; no record"),
    ("GET /api/control/catalogue", "packs are public"),
    ("GET /api/control/measures", "orders of one's own territory, and those a level above gave for it"),
    ("GET /api/control/permits", "a list: those below get their part of it"),
    (
        "POST /api/lab/plan",
        "arithmetic on what was sent; no record, but for a round within reach when one is named",
    ),
    ("GET /api/lab/shortages", "a list of one's own territory"),
    ("GET /api/lab/boxes", "a list of one's own territory"),
    ("POST /api/lab/paper-list", "a file of one's own is read and told; nothing is kept"),
    ("POST /api/lab/tubes", "lines of one's own; those of posts outside are refused one by one"),
    ("GET /api/tasks", "a list or counts: those below get their part of it"),
    ("GET /api/rosters", "a list or counts: those below get their part of it"),
    ("POST /api/rosters/file", "a file of one's own; rows outside fail one by one"),
    ("GET /api/tasks/pack", "packs are public"),
    ("GET /api/tasks/mine", "one's own tasks"),
    ("POST /api/tasks/done", "lines of one's own; those about tasks outside are refused one by one"),
    (
        "GET /api/restrictions",
        "a list: those below get their part of it; the pack is public, sample and patterns are of one's own territory",
    ),
    (
        "POST /api/restrictions/list",
        "a list of one's own; rows that rest on records outside are refused one by one",
    ),
    ("GET /api/public/", "what is public"),
    ("POST /api/public/", "what anybody may say of themselves"),
    ("GET /api/regions", "regions are public"),
    ("GET /api/state", "one's own session"),
    ("GET /api/sessions", "one's own sessions"),
    ("GET /api/ways", "how one may sign in"),
    ("GET /api/linked", "one's own ways of signing in"),
    ("GET /api/passkeys", "one's own ways of signing in"),
    ("POST /api/passkeys", "one's own ways of signing in"),
    ("POST /api/providers", "signing in"),
    ("GET /api/erasures", "a list of one's own territory"),
    ("GET /api/people", "a list of one's own territory"),
    ("POST /api/people/known", "looked for in one's own territory"),
    ("GET /api/session", "one's own sessions"),
    ("GET /api/tokens", "tokens of one's own territory"),
    ("POST /api/journal/checkpoint", "a signature under the whole chain, without a row of it"),
    ("GET /api/journal/", "the proof of the whole chain, without a row of it"),
    ("GET /api/retention", "a list of one's own territory"),
    ("GET /api/exports", "one's own exports, and those of one's own territory"),
    ("POST /api/changes/forget-regions", "regions are the installation's"),
    ("POST /api/imports", "a file of one's own; rows outside fail one by one"),
    ("POST /api/regions/import", "regions are the installation's"),
    ("POST /api/session", "one's own session"),
    ("DELETE /api/session", "one's own session"),
];

fn explained(route: &str) -> bool {
    GRANTED_OUTSIDE.iter().any(|(granted, _)| {
        route == *granted
            || (route.starts_with(granted)
                && (granted.ends_with('/') || route[granted.len()..].starts_with('/')))
    })
}

fn has(role: &str, permission: &str) -> bool {
    let role = rooms::packed::roles().role(role).expect("a role");
    role.permissions.iter().any(|one| one.word() == permission)
}

/// Statuses the specification allows; 422 where a request is refused on purpose by what it says.
fn expected(role: &str, place: Place, needs: &str, kind: Kind) -> &'static [u16] {
    match (kind, place) {
        _ if !has(role, needs) => &[403],
        (Anywhere, _) | (_, Place::Holds) | (List | Reaching, Place::Below) => &[200, 422],
        (Record | Reaching, _) | (ReachingWrite, Place::Outside) => &[404],
        (Stated | List, _) | (ReachingWrite, Place::Below) => &[403],
    }
}

async fn every_route_answers_as_permission_and_place_say(town: &mut Town) {
    let targets = targets(town).await;
    let places = [
        (JINZHONG, Place::Holds),
        (TAIGU, Place::Holds),
        (TOWNSHIP, Place::Below),
        (YUCI, Place::Outside),
        (XIAODIAN, Place::Outside),
    ];
    let mut wrong = Vec::new();
    for role in ROLES {
        let mut people: Vec<(Person, Place)> = Vec::new();
        for (territory, place) in places {
            people.push((town.person_of(&format!("House of the {role}"), role, territory).await, place));
        }
        for route in routes() {
            let rule = RULES.iter().find(|(known, ..)| *known == route);
            // Who lacks the permission is refused wherever they are: one place is enough.
            let people =
                if rule.is_some_and(|(_, needs, _)| !has(role, needs)) { &people[1..2] } else { &people };
            for (person, place) in people {
                let (method, path, body) = asked(&route, &targets).await;
                let status = person.status(method, &path, bytes(&body)).await;
                let at = format!("{role} of {}: {route} answered {status}", person.territory);
                if let Some((_, needs, kind)) = rule {
                    let expected = expected(role, *place, needs, *kind);
                    if !expected.contains(&status) {
                        wrong.push(format!("{at}, expected one of {expected:?}"));
                    }
                }
                if *place != Place::Holds && (200..300).contains(&status) && !explained(&route) {
                    wrong.push(format!("{at}: granted outside, and nobody has written down why"));
                }
            }
        }
    }
    let known = routes();
    wrong.extend(
        RULES
            .iter()
            .filter(|(route, ..)| !known.contains(&(*route).to_owned()))
            .map(|(route, ..)| format!("{route} is no route")),
    );
    assert!(wrong.is_empty(), "{}\n", wrong.join("\n"));
}

/// One disease of each level; SARS is closed here by an administrator.
const DISEASES: [(&str, &str); 4] =
    [("measles", "open"), ("covid-19-delta", "audited"), ("mpox", "protected"), ("sars", "closed")];

/// Purposes with which a session of each role begins that open identities, written from packs/roles.
fn opens(role: &str) -> bool {
    matches!(role, "epidemiologist" | "field")
}

async fn every_level_shows_itself_to_those_it_is_for(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let mut known = Vec::new();
    for (disease, level) in DISEASES {
        let event = fresh("event");
        let fields = json!({ "event": event, "name": disease, "disease": disease, "territory": TAIGU });
        zhang.change("open-event", fields).await.ok();
        let mut case = covid_case(TAIGU, &format!("C-{disease}"));
        case["disease"] = json!(disease);
        case["event"] = json!(event);
        let case = zhang.reports_so(case).await;
        zhang.adds_contact(&case, TAIGU, &format!("K-{disease}")).await;
        known.push((disease, level, event, case));
    }
    let admin = town.person("administrator", "").await;
    admin.change("set-disease-access", json!({ "disease": "sars", "level": "closed" })).await.ok();
    let mut table = LEVELS_HEAD.to_owned();
    for role in ROLES {
        let person = town.person(role, TAIGU).await;
        let lists = [
            ("cases.read", "/api/cases", "C-"),
            ("contacts.read", "/api/contacts", "K-"),
            ("cases.read", "/api/chains", "C-"),
            ("data.export", "/api/export/cases.csv", "C-"),
            ("situation.read", "/api/events", ""),
        ];
        let mut texts = Vec::new();
        for (_, path, _) in lists {
            texts.push(person.get(path).await.text);
        }
        for (disease, level, event, case) in &known {
            let reads = match *level {
                "open" | "audited" => true,
                "protected" => opens(role),
                _ => false,
            };
            let mut line = format!("{role:<16} {level:<10}");
            for ((needs, path, prefix), text) in lists.iter().zip(&texts) {
                let shown = text.contains(&format!("\"{prefix}{disease}\""))
                    || text.contains(&format!(",{prefix}{disease},"));
                let visible = if *path == "/api/events" { *level != "closed" } else { reads };
                assert_eq!(shown, has(role, needs) && visible, "{role} {level} {path}");
                line.push_str(if shown { "  shown" } else { "      -" });
            }
            let page = person.get(&format!("/api/cases/{}", case.id)).await.status;
            let wanted = match (has(role, "cases.read"), reads) {
                (false, _) => 403,
                (true, true) => 200,
                (true, false) => 404,
            };
            assert_eq!(page, wanted, "{role} {level} the page of a case");
            let workspace = person.get(&format!("/api/events/{event}")).await.status;
            let wanted = match (has(role, "situation.read"), *level) {
                (false, _) => 403,
                (true, "closed") => 404,
                (true, _) => 200,
            };
            assert_eq!(workspace, wanted, "{role} {level} the page of an event");
            let form = json!({ "purpose": "follow_up", "reason": "the daily call" });
            let name = person.post(&format!("/api/subjects/{}/open", case.subject), form).await.json();
            let code = name["code"].as_str().unwrap_or("opened").to_owned();
            let wanted = match (has(role, "identity.open"), *level) {
                (false, _) => "access.not_allowed",
                (true, "closed") => "record.missing",
                (true, "protected") => "access.second_person",
                (true, _) => "opened",
            };
            assert_eq!(code, wanted, "{role} {level} a name");
            table.push_str(&format!("{line}    {page}       {workspace}  {code}\n"));
        }
    }
    golden("levels.txt", &table);
    let looked = town.person("auditor", "").await.get("/api/journal?limit=500").await.ok();
    let looks: Vec<&Value> =
        looked["rows"].as_array().unwrap().iter().filter(|row| row["change"] == "look").collect();
    let readers = ROLES.iter().filter(|role| has(role, "cases.read"));
    let expected: usize = readers.map(|role| 1 + usize::from(opens(role))).sum();
    assert_eq!(
        looks.len(),
        expected,
        "a reading of an audited or protected record, and no other, is written down"
    );
}

const LEVELS_HEAD: &str = "\
Made by tests/scenes/reach.rs; never edited. What a role sees in its own county of a disease of each level, in the session
it begins with: in the lists of cases and contacts, the chains, the export and the list of events; the page of the case and
of the event; and what opening the name answers.
role             level      cases contacts chains export events   case    event  name
";

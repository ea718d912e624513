//! The rooms: what people do in Quell, one folder per noun. A room decides with `pure/`, writes through changes, reads
//! through views, and touches only tables with its own prefix.

pub mod access;
mod asked;
mod backups;
pub mod briefing;
pub mod cases;
mod changes_door;
pub mod control;
mod document;
pub mod entry;
pub mod followup;
mod house;
pub mod imports;
pub mod journal;
pub mod lab;
pub mod live;
pub mod load;
mod pace;
pub mod packed;
mod peer;
pub mod people;
mod refuse;
pub mod regions;
mod reply;
mod retold;
mod sent_table;
pub mod surveillance;
pub mod tasks;
pub mod trace;
mod turns;

pub use backups::{BackupStanding, GoodBackup};
pub use changes_door::{DOORS, Door};
pub use document::openapi;
pub use house::{App, Clock, House, Settings};
pub use pace::Pace;
pub use peer::Peer;
pub use reply::Failure;
pub use retold::{LEFT_OUT, RETOLD};

use store::Migration;

/// Tables of all rooms, in the order in which they came to be. Never edited after release, only followed.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "people-1", sql: people::SCHEMA },
    Migration { name: "access-1", sql: access::SCHEMA },
    Migration { name: "regions-1", sql: regions::SCHEMA },
    Migration { name: "cases-1", sql: cases::SCHEMA },
    Migration { name: "imports-1", sql: imports::SCHEMA },
    Migration { name: "access-sessions", sql: access::SESSIONS },
    Migration { name: "access-failures", sql: access::FAILURES },
    Migration { name: "briefing-1", sql: briefing::SCHEMA },
    Migration { name: "access-2", sql: access::second_person::SCHEMA },
    Migration { name: "access-factors", sql: access::FACTORS },
    Migration { name: "access-tokens", sql: access::TOKENS },
    Migration { name: "access-passkeys", sql: access::PASSKEYS },
    Migration { name: "access-linked", sql: access::LINKED },
    Migration { name: "people-keeping-1", sql: people::KEEPING },
    Migration { name: "access-levels-1", sql: access::levels::SCHEMA },
    Migration { name: "cases-levels-1", sql: cases::LEVELS },
    Migration { name: "people-openings", sql: people::OPENINGS },
    Migration { name: "access-glass", sql: access::glass::SCHEMA },
    Migration { name: "access-delegation", sql: access::delegation::SCHEMA },
    Migration { name: "access-standing", sql: access::standing::SCHEMA },
    Migration { name: "people-marks", sql: people::MARKS },
    Migration { name: "people-links", sql: people::LINKS },
    Migration { name: "people-lookups", sql: people::LOOKUPS },
    Migration { name: "cases-subjects", sql: cases::SUBJECTS },
    Migration { name: "journal-1", sql: journal::SCHEMA },
    Migration { name: "cases-milestones", sql: cases::MILESTONES },
    Migration { name: "surveillance-1", sql: surveillance::SCHEMA },
    Migration { name: "surveillance-kinds", sql: surveillance::KINDS },
    Migration { name: "trace-1", sql: trace::SCHEMA },
    Migration { name: "trace-fence", sql: trace::fence::SCHEMA },
    Migration { name: "trace-interviews", sql: trace::INTERVIEWS },
    Migration { name: "trace-exposures", sql: trace::EXPOSURES },
    Migration { name: "trace-goods", sql: trace::GOODS },
    Migration { name: "lab-1", sql: lab::SCHEMA },
    Migration { name: "lab-forgetting", sql: lab::FORGETTING },
    Migration { name: "lab-found", sql: lab::FOUND },
    Migration { name: "followup-1", sql: followup::SCHEMA },
    Migration { name: "lab-messages", sql: lab::MESSAGES },
    Migration { name: "load-1", sql: load::SCHEMA },
    Migration { name: "lab-outages", sql: lab::OUTAGES },
    Migration { name: "tasks-1", sql: tasks::SCHEMA },
    Migration { name: "control-restrictions", sql: control::restrictions::SCHEMA },
    Migration { name: "control-1", sql: control::SCHEMA },
    Migration { name: "control-measures", sql: control::measures::SCHEMA },
    Migration { name: "control-permits", sql: control::permits::SCHEMA },
    Migration { name: "lab-manned", sql: lab::MANNED },
    Migration { name: "tasks-told", sql: tasks::TOLD },
    Migration { name: "lab-messages-named", sql: lab::MESSAGES_NAMED },
    Migration { name: "control-restrictions-ends", sql: control::restrictions::ENDS },
    Migration { name: "followup-joined", sql: followup::JOINED },
    Migration { name: "followup-attempts", sql: followup::ATTEMPTS },
    Migration { name: "entry-1", sql: entry::SCHEMA },
    Migration { name: "tasks-words", sql: tasks::WORDS },
    Migration { name: "tasks-days", sql: tasks::DAYS },
];

/// Every route of the rooms, without the pages.
pub fn router() -> axum::Router<App> {
    axum::Router::new()
        .merge(access::http::router())
        .merge(regions::http::router())
        .merge(cases::http::router())
        .merge(people::http::router())
        .merge(imports::http::router())
        .merge(briefing::http::router())
        .merge(tasks::http::router())
        .merge(entry::http::router())
        .merge(surveillance::http::router())
        .merge(trace::http::router())
        .merge(trace::fence::http::router())
        .merge(trace::sources_http::router())
        .merge(lab::http::router())
        .merge(followup::http::router())
        .merge(control::http::router())
        .merge(control::restrictions::http::router())
        .merge(control::measures::http::router())
        .merge(control::permits::http::router())
        .merge(backups::router())
        .merge(journal::http::router())
        .merge(changes_door::router())
        .merge(document::router())
        .merge(live::router())
        .merge(load::http::router())
        .layer(axum::middleware::from_fn(turns::kept))
        .layer(axum::middleware::from_fn(access::refused::counted))
        .layer(axum::middleware::map_response(reply::unrepeated))
}

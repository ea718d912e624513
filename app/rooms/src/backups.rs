//! What is known of the scheduled backups, for the page of whoever looks after the machine. The program tells; why one failed
//! stands in its log, because that names places on the disk.

use crate::App;
use crate::access::Signed;
use crate::document::Document;
use crate::reply::Reply;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use base::Moment;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use store::Permission;

/// A backup that was restored elsewhere, verified, counted and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodBackup {
    pub at: Moment,
    pub rows: u64,
    pub journal_rows: i64,
    pub head: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupStanding {
    pub last_good: Option<GoodBackup>,
    /// When the latest one failed, if it did.
    pub failed: Option<Moment>,
}

/// `None`: nobody asked for backups.
#[derive(Default)]
pub struct Backups(Mutex<Option<BackupStanding>>);

impl Backups {
    pub fn tell(&self, standing: BackupStanding) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
    }

    fn now(&self) -> Option<BackupStanding> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(crate) fn router() -> Router<App> {
    Router::new().route("/api/backups", get(backups))
}

/// The same routes in the API's document.
pub(crate) fn described(api: &mut Document) {
    api.route("GET", "/api/backups");
}

async fn backups(State(house): State<App>, signed: Signed) -> Reply<Value> {
    signed.actor.scope.demand(Permission::AccountsManage)?;
    let standing = house.backups.now();
    let scheduled = standing.is_some();
    let standing = standing.unwrap_or_default();
    let good = standing.last_good.map(|good| {
        json!({
            "at": good.at.to_string(), "rows": good.rows, "journal_rows": good.journal_rows, "head": good.head,
        })
    });
    Ok(Json(json!({
        "scheduled": scheduled, "last_good": good, "failed": standing.failed.map(|at| at.to_string()),
    })))
}

//! Imports.
pub(crate) const SCHEMA: &str = "";
#[derive(Default)]
pub struct Jobs;
pub mod http { pub fn router() -> axum::Router<crate::App> { axum::Router::new() } }
pub async fn resume(_house: &crate::App) -> store::Result<()> { Ok(()) }

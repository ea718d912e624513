//! Every write of laboratories' messages.

mod map_lab_code;
mod outside;
mod settle_report;
mod take_messages;

pub use map_lab_code::MapLabCode;
pub use outside::{LinkOutside, OpenOutside, ReportOutside};
pub use settle_report::SettleReport;
pub use take_messages::TakeMessages;
pub(super) use take_messages::{Verdict, stored};

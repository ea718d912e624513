//! What is read of tasks: one's own, a territory's, the way to walk, who has delivered. None of them names anybody a task is about.

mod delivered;
mod list;
mod mine;
mod page;
mod people;
mod row;
mod way;

pub use delivered::{DeliveredAsked, delivered, overdue};
pub use list::{TasksAsked, tasks};
pub use mine::{MineAsked, mine};
pub use page::{pack, task};
pub use people::{WorkersAsked, teams, workers};
pub use way::{WayAsked, way};

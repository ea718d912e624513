//! Who is told when a task is late: the owner's lead first, then one level up after another.
//!
//! A rung is reached when a share of the task's own time has passed beyond its deadline, so that a task of two hours goes up
//! within the hour and one of a day by evening.

use base::{Moment, Territory};
use packs::{Rung, Tell};

/// Who is told at a rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Whoever leads the owner's team, or manages tasks where the task lies.
    Lead,
    /// Everybody who manages tasks at this level.
    Level(Territory),
}

/// When the rung after the first `reached` ones is due; `None` at the top of the ladder.
pub fn next_telling(ladder: &[Rung], reached: usize, opened: Moment, deadline: Moment) -> Option<Moment> {
    let rung = ladder.get(reached)?;
    // A moment is in milliseconds; a deadline that lies before the opening is late at once.
    let span = (deadline.0 - opened.0).max(0) as f64;
    Some(Moment(deadline.0 + (span * rung.late_share) as i64))
}

/// Who is told at rung `number`, from 0. `None` when there is no level above any more.
pub fn told_at(ladder: &[Rung], number: usize, territory: &Territory) -> Option<Told> {
    match ladder.get(number)?.tell {
        Tell::Lead => Some(Told::Lead),
        Tell::LevelAbove => {
            let up = ladder[..=number].iter().filter(|rung| rung.tell == Tell::LevelAbove).count();
            let depth = territory.depth().checked_sub(up)?;
            Some(Told::Level(territory.at_depth(depth)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder() -> Vec<Rung> {
        let rung = |late_share, tell| Rung { late_share, tell };
        vec![rung(0.0, Tell::Lead), rung(0.5, Tell::LevelAbove), rung(1.0, Tell::LevelAbove)]
    }

    #[test]
    fn two_hours_late_goes_up_by_the_hour() {
        let hour = 3_600_000;
        let (opened, deadline) = (Moment(0), Moment(2 * hour));
        let due = |reached| next_telling(&ladder(), reached, opened, deadline);
        assert_eq!(due(0), Some(Moment(2 * hour)));
        assert_eq!(due(1), Some(Moment(3 * hour)));
        assert_eq!(due(2), Some(Moment(4 * hour)));
        assert_eq!(due(3), None);
    }

    #[test]
    fn each_level_above_is_one_further_up() {
        let township: Territory = "14/1407/140703/140703100".parse().unwrap();
        assert_eq!(told_at(&ladder(), 0, &township), Some(Told::Lead));
        let level = |number| match told_at(&ladder(), number, &township) {
            Some(Told::Level(level)) => level.path().to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!((level(1).as_str(), level(2).as_str()), ("14/1407/140703", "14/1407"));
        let province: Territory = "14".parse().unwrap();
        assert_eq!(told_at(&ladder(), 1, &province), Some(Told::Level(Territory::whole())));
        assert_eq!(told_at(&ladder(), 2, &province), None, "nobody is above the nation");
    }

    #[test]
    fn a_deadline_before_the_opening_is_late_at_once() {
        assert_eq!(next_telling(&ladder(), 2, Moment(100), Moment(50)), Some(Moment(50)));
    }
}

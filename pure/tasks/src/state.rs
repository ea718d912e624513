//! How far a task is, and what may follow.

cases::words! {
    /// How far a task is.
    State, "state of a task" {
        /// Given, and nobody has said that they know of it.
        Open = "open",
        Acknowledged = "acknowledged",
        Started = "started",
        Done = "done",
        /// It could not be done, for a reason of the pack's list.
        Cannot = "cannot",
        Cancelled = "cancelled",
    }
}

cases::words! {
    /// What somebody says they did with a task.
    Deed, "deed" {
        Acknowledge = "acknowledge",
        Start = "start",
        Finish = "finish",
        GiveUp = "give_up",
    }
}

/// What a deed comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    To(State),
    /// It was as far already, or further: two phones said the same.
    Before,
}

impl State {
    /// Whether anything is still to be done.
    pub fn is_active(self) -> bool {
        matches!(self, State::Open | State::Acknowledged | State::Started)
    }

    /// What a deed makes of it. Nothing that is over is opened again, and nothing goes back.
    pub fn after(self, deed: Deed) -> Step {
        let to = match deed {
            Deed::Acknowledge => State::Acknowledged,
            Deed::Start => State::Started,
            Deed::Finish => State::Done,
            Deed::GiveUp => State::Cannot,
        };
        if self.is_active() && to > self { Step::To(to) } else { Step::Before }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_only_goes_on() {
        for state in State::ALL {
            for deed in Deed::ALL {
                match state.after(*deed) {
                    Step::To(next) => assert!(next > *state && state.is_active(), "{state} {deed}"),
                    Step::Before => {
                        assert!(!state.is_active() || *state >= State::Acknowledged, "{state} {deed}");
                    }
                }
            }
        }
        assert_eq!(
            State::Open.after(Deed::Finish),
            Step::To(State::Done),
            "nobody must say three times that they work"
        );
        assert_eq!(State::Started.after(Deed::Acknowledge), Step::Before);
        assert_eq!(State::Done.after(Deed::GiveUp), Step::Before, "what is done stays done");
        assert_eq!(State::Cannot.after(Deed::Finish), Step::Before);
    }
}

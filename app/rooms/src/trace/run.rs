//! One run of one train, flight, coach or ship: what interviews, registered visits and fences mean by the same ride.

use base::Day;
use serde::{Deserialize, Serialize};
use trace::overlap::vehicle_number;

cases::words! {
    /// What runs.
    Vehicle, "kind of vehicle" {
        Train = "train", Flight = "flight", Coach = "coach", Taxi = "taxi", Ship = "ship", Other = "other",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub kind: Vehicle,
    /// As tickets write it: `G604`, `MU2331`.
    pub number: String,
    /// The day it set out.
    pub day: Day,
}

impl Run {
    /// The same with its number written in the one way.
    pub fn plain(&self) -> Run {
        Run { number: vehicle_number(&self.number), ..self.clone() }
    }

    /// What a search compares.
    pub fn target(&self) -> String {
        let run = self.plain();
        format!("{} {} {}", run.kind, run.number, run.day)
    }
}

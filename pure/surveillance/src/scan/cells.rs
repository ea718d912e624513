//! Cases by place and step, and what stands against them.

use super::Stretch;

/// Cell `place * steps + step` of both lists.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    pub places: usize,
    pub steps: usize,
    pub cases: Vec<u32>,
    /// Expected cases, or for the Bernoulli model people (cases and controls).
    pub weights: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CellsError {
    #[error("there are no cases; a scan needs at least two")]
    NoCases,
    #[error(
        "place {place} has cases in step {step} where none can be: its expected cases or people are {weight}; complete its population"
    )]
    NobodyThere { place: usize, step: usize, weight: f64 },
    #[error(
        "place {place} has {cases} cases among {people} people in step {step}; count the cases among the people as well"
    )]
    MoreCasesThanPeople { place: usize, step: usize, cases: u32, people: f64 },
    #[error("the expected cases of place {place} in step {step} are {weight}; they are numbers of 0 or more")]
    Weight { place: usize, step: usize, weight: f64 },
    #[error("{cases} cases are more than this scan can hold; scan a shorter period")]
    TooMany { cases: u64 },
}

/// Differences of counts are taken in 32 bits.
const MOST_CASES: u64 = 1 << 29;

impl Cells {
    /// Cell by cell, what would make the scan meaningless. `people`: the weights are people, who include the cases.
    pub fn check(&self, people: bool) -> Result<(), CellsError> {
        assert!(self.cases.len() == self.places * self.steps && self.weights.len() == self.cases.len());
        let total: u64 = self.cases.iter().map(|count| u64::from(*count)).sum();
        if total == 0 {
            return Err(CellsError::NoCases);
        }
        if total > MOST_CASES {
            return Err(CellsError::TooMany { cases: total });
        }
        for (cell, (&cases, &weight)) in self.cases.iter().zip(&self.weights).enumerate() {
            let (place, step) = (cell / self.steps + 1, cell % self.steps + 1);
            if !weight.is_finite() || weight < 0.0 {
                return Err(CellsError::Weight { place, step, weight });
            }
            if cases > 0 && weight <= 0.0 {
                return Err(CellsError::NobodyThere { place, step, weight });
            }
            if people && f64::from(cases) > weight {
                return Err(CellsError::MoreCasesThanPeople { place, step, cases, people: weight });
            }
        }
        Ok(())
    }

    pub fn total_cases(&self) -> u64 {
        self.cases.iter().map(|count| u64::from(*count)).sum()
    }

    pub fn total_weight(&self) -> f64 {
        self.weights.iter().sum()
    }
}

impl Cells {
    /// The same cases in fewer steps, where no stretch tells some apart, and the stretches in those steps.
    pub(super) fn merged(&self, stretches: &[Stretch]) -> (Cells, Vec<Stretch>) {
        let mut edges: Vec<usize> =
            stretches.iter().flat_map(|stretch| [stretch.from, stretch.to]).chain([0, self.steps]).collect();
        edges.sort_unstable();
        edges.dedup();
        let at = |step: usize| edges.binary_search(&step).expect("every end of a stretch is an edge");
        let stretches = stretches.iter().map(|s| Stretch { from: at(s.from), to: at(s.to) }).collect();
        let inside = |place: usize, two: &[usize]| place * self.steps + two[0]..place * self.steps + two[1];
        let each = || (0..self.places).flat_map(|place| edges.windows(2).map(move |two| inside(place, two)));
        let cells = Cells {
            places: self.places,
            steps: edges.len() - 1,
            cases: each().map(|cells| self.cases[cells].iter().sum()).collect(),
            weights: each().map(|cells| self.weights[cells].iter().sum()).collect(),
        };
        (cells, stretches)
    }
}

/// Sums over steps, so that a stretch is a difference: `steps + 1` numbers a place, the first 0.
pub(super) fn running_sums(values: impl Iterator<Item = f64>, steps: usize) -> Vec<f64> {
    let mut sums = Vec::new();
    let mut sum = 0.0;
    for (cell, value) in values.enumerate() {
        if cell % steps == 0 {
            sum = 0.0;
            sums.push(0.0);
        }
        sum += value;
        sums.push(sum);
    }
    sums
}

//! Daily cases told apart by where they were infected, as the methods on transmission take them.
//!
//! Deliberately absent: the delay from infection to report; days are days of onset.

/// One number a day, from 0. NaN: nobody reported about that day.
#[derive(Debug, Clone, PartialEq)]
pub struct Incidence {
    /// Infected here.
    pub local: Vec<f64>,
    /// Infected elsewhere: they infect others and nobody here infected them.
    pub imported: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IncidenceError {
    #[error("{local} days of local cases and {imported} of imported ones; give both for every day")]
    Lengths { local: usize, imported: usize },
    #[error("day {day} counts {count}; a count is 0 or more, and blank where nobody reported")]
    Count { day: usize, count: f64 },
}

impl Incidence {
    /// Cases of the first day that has any cannot have been infected by anybody listed: they count as imported.
    pub fn of(mut local: Vec<f64>, mut imported: Vec<f64>) -> Result<Incidence, IncidenceError> {
        if imported.is_empty() {
            imported = vec![0.0; local.len()];
        }
        if local.len() != imported.len() {
            return Err(IncidenceError::Lengths { local: local.len(), imported: imported.len() });
        }
        for (place, count) in local.iter().chain(&imported).enumerate() {
            if *count < 0.0 || count.is_infinite() {
                return Err(IncidenceError::Count { day: place % local.len() + 1, count: *count });
            }
        }
        if let Some(first) = (0..local.len()).find(|day| local[*day] > 0.0 || imported[*day] > 0.0)
            && local[first] > 0.0
        {
            imported[first] = local[first] + if imported[first].is_nan() { 0.0 } else { imported[first] };
            local[first] = 0.0;
        }
        Ok(Incidence { local, imported })
    }

    pub fn len(&self) -> usize {
        self.local.len()
    }

    pub fn is_empty(&self) -> bool {
        self.local.is_empty()
    }

    pub fn reported(&self, day: usize) -> bool {
        !self.local[day].is_nan() && !self.imported[day].is_nan()
    }

    /// Everybody who fell ill that day; unreported counts as none.
    pub fn all(&self, day: usize) -> f64 {
        let known = |count: f64| if count.is_nan() { 0.0 } else { count };
        known(self.local[day]) + known(self.imported[day])
    }

    /// The first day with a case.
    pub fn first_case(&self) -> Option<usize> {
        (0..self.len()).find(|day| self.all(*day) > 0.0)
    }
}

/// Days from `start` to `end`, both included, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub start: usize,
    pub end: usize,
}

impl Window {
    /// Every window of so many days, from the second day on: on the first nobody listed can have been infected.
    pub fn sliding(days: usize, series: usize) -> Vec<Window> {
        let days = days.max(1);
        (1..=series.saturating_sub(days)).map(|start| Window { start, end: start + days - 1 }).collect()
    }

    pub fn days(self) -> std::ops::RangeInclusive<usize> {
        self.start..=self.end
    }
}

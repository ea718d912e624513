//! Counts of one thing in one place, over equal steps of time.

use base::Day;

/// Steps are days, weeks or months; which, `per_year` tells. All times inside this crate are places in the series, from 0;
/// files and people count from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    /// The first day of each step; empty when the file does not say.
    pub dates: Vec<Day>,
    /// NaN is a step about which nobody reported; 0 is a report of none.
    pub counts: Vec<f64>,
    /// People (or visits, or samples) behind each count; empty when the file does not say.
    pub population: Vec<f64>,
    /// Steps in a year: 365, 52 or 12.
    pub per_year: usize,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SeriesError {
    #[error("`{name}` has {dates} dates for {counts} counts; give every step a date or none")]
    Dates { name: String, dates: usize, counts: usize },
    #[error("`{name}` has {population} populations for {counts} counts; give every step one or none")]
    Population { name: String, population: usize, counts: usize },
    #[error("`{name}` counts {count} at step {t}; a count is 0 or more, and blank where nobody reported")]
    Count { name: String, t: usize, count: f64 },
    #[error("`{name}` goes back in time at step {t}; sort the file by date")]
    Order { name: String, t: usize },
}

impl Series {
    /// A series without dates or population.
    pub fn of(name: &str, counts: Vec<f64>, per_year: usize) -> Series {
        Series { name: name.to_owned(), dates: Vec::new(), counts, population: Vec::new(), per_year }
    }

    pub fn len(&self) -> usize {
        self.counts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// 7 for days, 1 for weeks; a month is not cut.
    pub fn steps_per_week(&self) -> usize {
        (self.per_year / 52).max(1)
    }

    /// The first thing that makes it no series.
    pub fn check(&self) -> Result<(), SeriesError> {
        let (name, counts) = (self.name.clone(), self.len());
        if !self.dates.is_empty() && self.dates.len() != counts {
            return Err(SeriesError::Dates { name, dates: self.dates.len(), counts });
        }
        if !self.population.is_empty() && self.population.len() != counts {
            return Err(SeriesError::Population { name, population: self.population.len(), counts });
        }
        if let Some(t) = self.counts.iter().position(|count| *count < 0.0 || count.is_infinite()) {
            return Err(SeriesError::Count { name, t: t + 1, count: self.counts[t] });
        }
        if let Some(t) = self.dates.windows(2).position(|two| two[1] <= two[0]) {
            return Err(SeriesError::Order { name, t: t + 2 });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_counts_less_than_nothing_is_named() {
        let series = Series::of("measles", vec![1.0, f64::NAN, -2.0], 52);
        assert!(series.check().unwrap_err().to_string().contains("counts -2 at step 3"));
        assert_eq!(Series::of("measles", vec![1.0, f64::NAN, 0.0], 52).check(), Ok(()));
    }
}

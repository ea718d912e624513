//! The two stages of a fit in Farrington's methods: all points in full, then again with those that stand out counting less.
//!
//! Deliberately absent: whether a trend belongs in it; each method chooses in its own way.
//!
//! # Source
//! Farrington 1996, sections 3.3 to 3.6, doi:10.2307/2983331.

use crate::Doubt;
use crate::farrington_model::Model;

/// How to fit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stages {
    pub slopes: bool,
    /// Standardised residuals above it count less; `None` leaves out the second stage.
    pub reweight_above: Option<f64>,
    /// As R's surveillance fits: at most 25 rounds, the second stage from the start, settled or not, and dispersions with the
    /// weights of the round before.
    pub like_surveillance: bool,
    /// Goes on with a first stage that has not settled.
    pub unsettled_will_do: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    /// Variance of a count divided by its mean, at least 1.
    pub phi: f64,
    /// The same as the counts have it, be it less than 1.
    pub unbounded: f64,
    pub freedom: f64,
    pub slopes: bool,
}

impl Stages {
    /// `Ok(None)` when the fit did not settle.
    pub(crate) fn fit(self, model: &mut Model) -> Result<Option<Fit>, Doubt> {
        let rounds = if self.like_surveillance { 25 } else { 100 };
        model.weigh_equally();
        if !model.fit(self.slopes, rounds) && !self.unsettled_will_do {
            return Ok(None);
        }
        let freedom = model.freedom();
        if freedom <= 0.0 {
            return Err(Doubt::ShortHistory);
        }
        let dispersion = |model: &Model| {
            let sum = if self.like_surveillance { model.pearson_one_round_late() } else { model.pearson() };
            sum / freedom
        };
        let mut unbounded = dispersion(model);
        // Weights that are all 1 would give the same fit again.
        if let Some(threshold) = self.reweight_above
            && model.reweight(unbounded.max(1.0), threshold)
        {
            let settled =
                if self.like_surveillance { model.fit(self.slopes, rounds) } else { model.fit_again(rounds) };
            if !settled && !self.like_surveillance {
                return Ok(None);
            }
            unbounded = dispersion(model);
        }
        Ok(Some(Fit { phi: unbounded.max(1.0), unbounded, freedom, slopes: self.slopes }))
    }
}

//! Shares in log odds, where an error of any size stays one of that size.

pub(crate) fn log_odds(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

pub(crate) fn share(log_odds: f64) -> f64 {
    if log_odds < 0.0 {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    } else {
        1.0 / (1.0 + (-log_odds).exp())
    }
}

//! What cannot be calculated, by the name of the field, with what to do.

/// One field was not what it must be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{field}` is {value}; {remedy}")]
pub struct LabError {
    pub field: &'static str,
    pub value: String,
    pub remedy: &'static str,
}

impl LabError {
    pub(crate) fn of(field: &'static str, value: impl ToString, remedy: &'static str) -> LabError {
        LabError { field, value: value.to_string(), remedy }
    }
}

/// NaN is in no range and is refused with the rest.
pub(crate) fn demand(
    holds: bool,
    field: &'static str,
    value: impl ToString,
    remedy: &'static str,
) -> Result<(), LabError> {
    if holds { Ok(()) } else { Err(LabError::of(field, value, remedy)) }
}

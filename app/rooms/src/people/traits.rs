//! What other rooms know about a person that helps to tell two records apart.

use base::{Day, Territory};
use cases::Sex;
use matching::{Born, Described, Number};

use crate::people::Identity;

#[derive(Debug, Clone, PartialEq)]
pub struct Traits {
    pub sex: Option<Sex>,
    pub age: Option<f64>,
    /// The day the age was told for.
    pub on: Day,
}

/// A birthday inside a number says more than an age.
pub(crate) fn described(identity: Identity, territory: Territory, traits: Option<&Traits>) -> Described {
    let inside = identity.id_number.as_deref().and_then(Number::of).and_then(|number| number.born());
    let told = || traits.and_then(|traits| Born::of_age(traits.age?, traits.on));
    Described {
        born: inside.or_else(told),
        sex: traits.and_then(|traits| traits.sex),
        territory: Some(territory),
        name: identity.name,
        id_number: identity.id_number,
        phone: identity.phone,
        address: identity.address,
    }
}

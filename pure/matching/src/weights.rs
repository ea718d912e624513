//! What each agreement and disagreement is worth, in bits.
//!
//! # Source
//! Fellegi and Sunter 1969, J Am Stat Assoc 64:1183: the weight of an outcome is log2(m/u), m its share among pairs that are
//! one person, u its share among pairs that are not. The shares themselves are `memory`: estimates for line lists of
//! outbreaks in China, to be replaced by counts from decided pairs. Of each field they sum to one.

use cases::words;

words! {
    /// Why two records are, or are not, one person.
    Agreement, "reason of a match" {
        IdSame = "id_same",
        /// One digit differs, or two neighbours changed places.
        IdNear = "id_near",
        IdDiffers = "id_differs",
        DocumentSame = "document_same",
        NameSame = "name_same",
        /// Other characters or letters, the same sound.
        NameSounds = "name_sounds",
        NameNear = "name_near",
        /// A surname or one word in common.
        NamePartly = "name_partly",
        NameDiffers = "name_differs",
        PhoneSame = "phone_same",
        PhoneNear = "phone_near",
        PhoneDiffers = "phone_differs",
        BornSame = "born_same",
        BornSwapped = "born_swapped",
        BornYearOff = "born_year_off",
        BornYear = "born_year",
        BornDiffers = "born_differs",
        AgeFits = "age_fits",
        AgeNear = "age_near",
        AgeDiffers = "age_differs",
        SexSame = "sex_same",
        SexDiffers = "sex_differs",
        PlaceSame = "place_same",
        PlaceNear = "place_near",
        PlaceDiffers = "place_differs",
        AddressSame = "address_same",
        AddressNear = "address_near",
        AddressDiffers = "address_differs",
    }
}

impl Agreement {
    /// Share among pairs of one person, and among pairs of two.
    pub fn shares(self) -> (f64, f64) {
        match self {
            // Two people under one number: a parent's number written for a child, a number copied down a column.
            Agreement::IdSame => (0.94, 1e-7),
            Agreement::IdNear => (0.03, 1e-6),
            Agreement::IdDiffers => (0.03, 1.0 - 1.1e-6),
            Agreement::DocumentSame => (0.90, 1e-6),
            // 李, 王, 张, 刘, 陈 are three in ten people (Ministry of Public Security, 2020 report on names).
            Agreement::NameSame => (0.80, 3e-4),
            Agreement::NameSounds => (0.10, 1e-3),
            Agreement::NameNear => (0.06, 4e-3),
            Agreement::NamePartly => (0.02, 0.08),
            Agreement::NameDiffers => (0.02, 0.9147),
            // A household shares a telephone, and outbreaks go through households.
            Agreement::PhoneSame => (0.60, 0.01),
            Agreement::PhoneNear => (0.04, 0.005),
            Agreement::PhoneDiffers => (0.36, 0.985),
            // One day in 365 times sixty years.
            Agreement::BornSame => (0.90, 4.6e-5),
            Agreement::BornSwapped => (0.02, 4.6e-5),
            Agreement::BornYearOff => (0.02, 9.2e-5),
            Agreement::BornYear => (0.02, 0.016),
            Agreement::BornDiffers => (0.04, 0.983_816),
            Agreement::AgeFits => (0.88, 0.03),
            Agreement::AgeNear => (0.08, 0.03),
            Agreement::AgeDiffers => (0.04, 0.94),
            Agreement::SexSame => (0.98, 0.5),
            Agreement::SexDiffers => (0.02, 0.5),
            Agreement::PlaceSame => (0.70, 0.10),
            Agreement::PlaceNear => (0.20, 0.20),
            Agreement::PlaceDiffers => (0.10, 0.70),
            Agreement::AddressSame => (0.50, 0.01),
            Agreement::AddressNear => (0.30, 0.09),
            Agreement::AddressDiffers => (0.20, 0.90),
        }
    }

    pub fn bits(self) -> f64 {
        let (m, u) = self.shares();
        (m / u).log2()
    }

    /// Says who somebody is by itself or nearly so; without one of these no score says "same".
    pub fn identifies(self) -> bool {
        matches!(
            self,
            Agreement::IdSame
                | Agreement::IdNear
                | Agreement::DocumentSame
                | Agreement::PhoneSame
                | Agreement::BornSame
                | Agreement::BornSwapped
        )
    }

    /// Somebody must look, whatever else agrees: one number under two names is a slip or two people.
    pub fn contradicts(self) -> bool {
        matches!(
            self,
            Agreement::IdDiffers | Agreement::NameDiffers | Agreement::BornDiffers | Agreement::SexDiffers
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_a_field_sum_to_one() {
        for field in ["id", "name", "phone", "born", "age", "sex", "place", "address"] {
            let of_field = Agreement::ALL.iter().filter(|one| one.word().split('_').next() == Some(field));
            let (m, u) = of_field.map(|one| one.shares()).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
            assert!((m - 1.0_f64).abs() < 1e-6 && (u - 1.0_f64).abs() < 1e-6, "{field}: {m} {u}");
        }
    }

    /// A number holds the birthday, so where both numbers are known the day is not counted beside them; taking a number
    /// away must not make the day speak louder than the number did.
    #[test]
    fn a_number_speaks_louder_than_the_birthday_inside_it() {
        assert!(Agreement::IdNear.bits() >= Agreement::BornSame.bits());
        assert!(
            Agreement::IdDiffers.bits() <= Agreement::BornDiffers.bits().min(Agreement::AgeDiffers.bits())
        );
    }
}

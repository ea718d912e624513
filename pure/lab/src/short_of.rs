//! What a round can be short of.
//!
//! Deliberately absent: how much of it; that is told where it is missing.

use cases::words;

words! {
    ShortOf, "kind of shortage" {
        Samplers = "samplers",
        Tubes = "tubes",
        Vans = "vans",
        /// Hours of laboratories, told as tubes they cannot take before the deadline.
        LabTubes = "lab_tubes",
    }
}

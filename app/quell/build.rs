//! A release carries the pages as they were when it was compiled; new pages must compile it anew. Cargo follows files
//! that were there before, not those that a first build of the pages adds. A debug build reads the pages as it runs.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed=../../web/dist");
    }
}

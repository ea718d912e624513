//! The API's document describes every route there is, and no other. Committed as tests/golden/openapi.json.

use scenes::{golden, source_files};
use std::collections::BTreeSet;
use std::path::Path;

/// As they stand in the source.
fn routes() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/rooms/src"), "rs", &mut |_, text| {
        for part in text.split(".route(\"").skip(1) {
            let Some((path, rest)) = part.split_once("\",") else { continue };
            let methods = rest.split('\n').next().unwrap_or_default();
            for method in ["get", "post", "put", "delete"] {
                if path.starts_with("/api/") && methods.contains(&format!("{method}(")) {
                    routes.insert(format!("{method} {path}"));
                }
            }
        }
    });
    routes
        .extend(rooms::DOORS.iter().map(|door| format!("post /api/changes/{}", door.name.replace(' ', "-"))));
    routes
}

#[test]
fn every_route_is_described_and_no_other() {
    let told = rooms::openapi();
    let mut described = BTreeSet::new();
    for (path, methods) in told["paths"].as_object().expect("paths") {
        described
            .extend(methods.as_object().expect("methods").keys().map(|method| format!("{method} {path}")));
    }
    assert_eq!(described, routes());
    golden("openapi.json", &format!("{told:#}\n"));
}

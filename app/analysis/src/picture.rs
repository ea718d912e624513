//! A drawn page as a file: SVG as it is, or PNG.

use std::path::Path;

/// By the ending of the file.
pub fn write(svg: &str, path: &Path) -> Result<(), String> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => {
            std::fs::write(path, svg).map_err(|why| format!("cannot write {}: {why}", path.display()))
        }
        _ => Err(format!("{} is no picture; give a name that ends in .svg", path.display())),
    }
}

//! A drawn page as a file: SVG as it is, or PNG for programs that cannot show SVG.
//!
//! Deliberately absent: SVG of others. A general renderer brings some thirty libraries into the program; what is drawn here are
//! bars, lines and words, and an element that cannot be drawn is refused by name.

mod fonts;
mod paint;
mod png;
mod shapes;

use std::path::Path;

/// Pixels per unit of the drawing: sharp on today's screens and in print.
const SCALE: f32 = 2.0;

/// By the ending of the file.
pub fn write(svg: &str, path: &Path) -> Result<(), String> {
    let bytes = match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => svg.as_bytes().to_vec(),
        Some("png") => as_png(svg)?,
        _ => return Err(format!("{} is no picture; give a name that ends in .svg or .png", path.display())),
    };
    std::fs::write(path, bytes).map_err(|why| format!("cannot write {}: {why}", path.display()))
}

fn as_png(svg: &str) -> Result<Vec<u8>, String> {
    let fonts = fonts::Fonts::of_this_machine()?;
    let page = shapes::read(svg, &fonts)?;
    fonts.tell_missing_letters();
    let (width, height) = ((page.width * SCALE).ceil() as usize, (page.height * SCALE).ceil() as usize);
    let mut canvas = paint::Canvas::white(width, height);
    for shape in &page.shapes {
        canvas.fill(shape, SCALE);
    }
    png::encode(&canvas)
}

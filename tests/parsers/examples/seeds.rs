//! Writes a parser's good files into a folder, where the fuzzer begins: `seeds PARSER FOLDER`.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut asked = std::env::args().skip(1);
    let (name, folder) = (asked.next().unwrap_or_default(), PathBuf::from(asked.next().unwrap_or_default()));
    let Some(parser) = parsers::parser(&name) else { panic!("there is no parser `{name}`") };
    for (at, seed) in (parser.seeds)().into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{at}")), seed)?;
    }
    Ok(())
}

//! The repository's own text, for tests that read it.

use std::path::Path;

/// Calls `each` with every file under `folder` whose name ends in `.ext`, in the order of names.
pub fn source_files(folder: &Path, ext: &str, each: &mut dyn FnMut(&Path, &str)) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()))
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            // What is built or fetched is nobody's text.
            if !["target", "node_modules", ".git", "dist", "out"].contains(&name) {
                source_files(&path, ext, each);
            }
        } else if path.extension().is_some_and(|own| own == ext)
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            each(&path, &text);
        }
    }
}

//! The bounds within which a file is read. A file beyond them is refused in words, not met with a full
//! memory.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caps {
    /// Bytes of the file as it is sent.
    pub file_bytes: u64,
    /// Columns of the header. SORMAS case exports have 303, the widest layout seen in the field.
    pub columns: usize,
    /// Cells that hold something, over the whole file.
    pub cells: u64,
    /// Bytes kept of one cell; the rest is cut and reported. A spreadsheet cell itself holds at most 32,767
    /// characters.
    pub cell_bytes: usize,
    /// Bytes that the parts of a zipped workbook may unpack to, together.
    pub unpacked_bytes: u64,
    /// Cells that a format without a streaming reader (XLS, ODS) may declare; each takes memory whether
    /// filled or not.
    pub declared_cells: u64,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            file_bytes: 200_000_000,
            columns: 1_000,
            cells: 50_000_000,
            cell_bytes: 64 * 1024,
            unpacked_bytes: 2_000_000_000,
            declared_cells: 5_000_000,
        }
    }
}

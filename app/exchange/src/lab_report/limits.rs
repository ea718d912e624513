//! How much of a message is read. What is larger is refused in words before it fills the memory.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCaps {
    /// One message or bundle. Real ones have 2 to 20 kB; a picture does not belong in one.
    pub message_bytes: usize,
    pub segments: usize,
    /// Fields of one segment; the longest of version 2 has 47.
    pub fields: usize,
    pub field_bytes: usize,
    pub repetitions: usize,
    /// Findings kept of one message; a broken one can have a million.
    pub complaints: usize,
    /// Entries of one bundle, with what they contain.
    pub resources: usize,
}

impl Default for ReportCaps {
    fn default() -> ReportCaps {
        ReportCaps {
            message_bytes: 4_000_000,
            segments: 5_000,
            fields: 200,
            field_bytes: 64 * 1024,
            repetitions: 200,
            complaints: 100,
            resources: 5_000,
        }
    }
}

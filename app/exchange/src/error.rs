//! Why a file cannot be read, and what to do about it, in both languages.

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("the file is empty; export the list again and check that it has rows")]
    Empty,
    #[error("the file has {bytes} bytes, more than the {cap} that are read; split it by date or place")]
    TooLarge { bytes: u64, cap: u64 },
    #[error(
        "`{0}` is not an encoding known here; use utf-8, gb18030, utf-16le, utf-16be, windows-1250 or \
         windows-1252"
    )]
    UnknownEncoding(String),
    #[error("`{0}` cannot separate columns; use one of: , ; | or a tab")]
    BadDelimiter(char),
    #[error("row {row} has more than {cap} columns; check the separator, or delete the columns nobody needs")]
    TooManyColumns { row: u64, cap: usize },
    #[error("the file has more than {cap} filled cells; split it by date or place")]
    TooManyCells { cap: u64 },
    #[error(
        "the sheet claims to be {rows} rows by {columns} columns; save only the filled part as a new \
         XLSX or CSV"
    )]
    SheetTooLarge { rows: u64, columns: u64 },
    #[error("the workbook unpacks to more than {cap} bytes; save the sheet as CSV")]
    UnpacksTooLarge { cap: u64 },
    #[error("the workbook has more than {cap} parts inside; save the sheet as CSV")]
    TooManyParts { cap: u64 },
    #[error("a quotation mark opened in line {line} is never closed; close or remove it")]
    OpenQuote { line: u64 },
    #[error("the workbook is damaged or cut off ({reason}); copy it again from its source")]
    Damaged { reason: String },
    #[error("the workbook is protected by a password; save a copy without one")]
    Protected,
    #[error("the file has no sheet called `{name}`; it has: {sheets}")]
    NoSuchSheet { name: String, sheets: String },
    #[error("no header row was found; name it with --header-row, or write column names above the rows")]
    NoHeader,
    #[error("the file has {rows} rows and the header was said to be row {wanted}; choose a row of the file")]
    HeaderBeyond { wanted: u64, rows: u64 },
    #[error("the JSON is not a list of records: {reason}; export an array of objects, one for each case")]
    NotRecords { reason: String },
    #[error("the JSON breaks off or is malformed at line {line}, column {column}: {reason}; export it again")]
    BadJson { line: usize, column: usize, reason: String },
    #[error(
        "no row names a well, a sample or target, and a cycle (Ct, Cq or Cp); export the table of results"
    )]
    NoWells,
    #[error("{format} files are not read; export the list as CSV, XLSX or JSON")]
    UnknownFormat { format: String },
}

impl FileError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            FileError::Empty => "file.empty",
            FileError::TooLarge { .. } => "file.too_large",
            FileError::UnknownEncoding(_) => "file.unknown_encoding",
            FileError::BadDelimiter(_) => "file.bad_delimiter",
            FileError::TooManyColumns { .. } => "file.too_many_columns",
            FileError::TooManyCells { .. } => "file.too_many_cells",
            FileError::SheetTooLarge { .. } => "file.sheet_too_large",
            FileError::UnpacksTooLarge { .. } => "file.unpacks_too_large",
            FileError::TooManyParts { .. } => "file.too_many_parts",
            FileError::OpenQuote { .. } => "file.open_quote",
            FileError::Damaged { .. } => "file.damaged",
            FileError::Protected => "file.protected",
            FileError::NoSuchSheet { .. } => "file.no_such_sheet",
            FileError::NoHeader => "file.no_header",
            FileError::HeaderBeyond { .. } => "file.header_beyond",
            FileError::NotRecords { .. } => "file.not_records",
            FileError::BadJson { .. } => "file.bad_json",
            FileError::NoWells => "file.no_wells",
            FileError::UnknownFormat { .. } => "file.unknown_format",
        }
    }

    /// The same sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            FileError::Empty => "文件是空的；请重新导出并确认其中有数据行".to_owned(),
            FileError::TooLarge { bytes, cap } => {
                format!("文件有 {bytes} 字节，超过可读取的 {cap} 字节；请按日期或地区拆分")
            }
            FileError::UnknownEncoding(name) => format!(
                "不认识编码“{name}”；请使用 utf-8、gb18030、utf-16le、utf-16be、windows-1250 或 windows-1252"
            ),
            FileError::BadDelimiter(sign) => format!("“{sign}”不能用作分隔符；请使用 , ; | 或制表符"),
            FileError::TooManyColumns { row, cap } => {
                format!("第 {row} 行超过 {cap} 列；请检查分隔符，或删除不需要的列")
            }
            FileError::TooManyCells { cap } => format!("有内容的单元格超过 {cap} 个；请按日期或地区拆分"),
            FileError::SheetTooLarge { rows, columns } => {
                format!("工作表声称有 {rows} 行 {columns} 列；请只把有内容的部分另存为新的 XLSX 或 CSV")
            }
            FileError::UnpacksTooLarge { cap } => {
                format!("工作簿解压后超过 {cap} 字节；请将工作表另存为 CSV")
            }
            FileError::TooManyParts { cap } => format!("工作簿内部文件超过 {cap} 个；请将工作表另存为 CSV"),
            FileError::OpenQuote { line } => format!("第 {line} 行的引号没有闭合；请补上或删除引号"),
            FileError::Damaged { reason } => format!("工作簿已损坏或不完整（{reason}）；请从来源重新复制"),
            FileError::Protected => "工作簿有密码保护；请另存一份没有密码的文件".to_owned(),
            FileError::NoSuchSheet { name, sheets } => format!("没有名为“{name}”的工作表；现有：{sheets}"),
            FileError::NoHeader => "没有找到表头行；请用 --header-row 指明，或在数据上方写上列名".to_owned(),
            FileError::HeaderBeyond { wanted, rows } => {
                format!("文件只有 {rows} 行，而指定的表头在第 {wanted} 行；请改选文件中的一行")
            }
            FileError::NotRecords { reason } => {
                format!("JSON 不是记录列表：{reason}；请导出为对象数组，每个病例一个对象")
            }
            FileError::BadJson { line, column, reason } => {
                format!("JSON 在第 {line} 行第 {column} 列中断或格式错误：{reason}；请重新导出")
            }
            FileError::NoWells => {
                "没有找到同时包含孔位、样本或靶标以及循环数（Ct、Cq 或 Cp）的表头；请导出结果表".to_owned()
            }
            FileError::UnknownFormat { format } => {
                format!("不能读取 {format} 文件；请导出为 CSV、XLSX 或 JSON")
            }
        }
    }
}

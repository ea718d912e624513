//! What is wrong with a piece of a message, where, and what its sender can do about it, in both languages.

use linelist::Severity;
use serde::Serialize;
use std::fmt;

/// One finding. An `Error` refuses the smallest whole it belongs to: a report, or the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    pub place: Place,
    pub severity: Severity,
    pub fault: ReportFault,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The message or the file as a whole.
    #[default]
    Whole,
    /// `sequence` counts the segments of this name in the message from 1; a field or component of 0 is all of it.
    Segment { segment: String, sequence: u32, field: u16, repetition: u16, component: u16 },
    /// A FHIR path from the bundle: `Bundle.entry[2].resource.status`.
    Path { path: String },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => write!(f, "the message"),
            Place::Segment { segment, sequence, field: 0, .. } => write!(f, "{segment}[{sequence}]"),
            Place::Segment { segment, sequence, field, component: 0, .. } => {
                write!(f, "{segment}[{sequence}]-{field}")
            }
            Place::Segment { segment, sequence, field, component, .. } => {
                write!(f, "{segment}[{sequence}]-{field}.{component}")
            }
            Place::Path { path } => write!(f, "{path}"),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

/// Complaints of one message, up to as many as are kept, and whether one of them was an error.
pub struct Finds {
    pub kept: Vec<Complaint>,
    pub further: u64,
    cap: usize,
    pub failed: bool,
}

impl Finds {
    pub fn new(cap: usize) -> Finds {
        Finds { kept: Vec::new(), further: 0, cap, failed: false }
    }

    pub fn add(&mut self, complaint: Complaint) {
        self.failed |= complaint.severity == Severity::Error;
        if self.kept.len() < self.cap {
            self.kept.push(complaint);
            return;
        }
        self.further += 1;
        // Why something was refused is told before any doubt.
        let doubt = self.kept.iter().rposition(|kept| kept.severity != Severity::Error);
        if let Some(at) = doubt.filter(|_| complaint.severity == Severity::Error) {
            self.kept.remove(at);
            self.kept.push(complaint);
        }
    }

    pub fn doubt(&mut self, place: impl Into<Place>, fault: ReportFault) {
        self.add(Complaint { place: place.into(), severity: Severity::Warning, fault });
    }

    pub fn error(&mut self, place: impl Into<Place>, fault: ReportFault) {
        self.add(Complaint { place: place.into(), severity: Severity::Error, fault });
    }

    /// Did an error come since it was last asked?
    pub fn take_failed(&mut self) -> bool {
        std::mem::take(&mut self.failed)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ReportFault {
    #[error(
        "no message begins here; a message begins with MSH, and a bundle with {{\"resourceType\":\"Bundle\""
    )]
    NoMessage,
    #[error(
        "its separators cannot be used; begin the message with MSH|^~\\& or with four other different signs"
    )]
    BadSeparators,
    #[error("it is `{found}`, and only {wanted} is read here; send laboratory results as {wanted}")]
    OtherKind { found: String, wanted: String },
    #[error("{what} is missing; fill it in")]
    Missing { what: String },
    #[error("the line after it is no segment; write line breaks inside a text as \\X0A\\ or \\.br\\")]
    NotASegment,
    #[error("it stands before what it belongs to; the order is PID, ORC, OBR, OBX, SPM")]
    OutOfPlace,
    #[error("there are more than {cap} {what}; send them in several messages")]
    TooMany { what: String, cap: usize },
    #[error("it is longer than {cap} bytes; send large texts and pictures another way")]
    TooLong { cap: usize },
    #[error("`{said}` is no time; write 20240311083000+0800 here, or 2024-03-11T08:30:00+08:00 in FHIR")]
    BadTime { said: String },
    #[error("`{said}` is no number and is kept as text; write digits with a decimal point, such as 24.6")]
    BadNumber { said: String },
    #[error("the encoding `{said}` is not known; use UNICODE UTF-8, GB18030 or 8859/1")]
    UnknownEncoding { said: String },
    #[error(
        "it says no encoding or another one than its bytes have, and is read as {read}; name it in MSH-18"
    )]
    OtherEncoding { read: String },
    #[error("{count} characters do not exist in {encoding}; name the right encoding in MSH-18")]
    Replaced { count: u64, encoding: String },
    #[error(
        "`{said}` is not known as {what} and is kept as it came; map it, or use the words of the standard"
    )]
    UnknownWord { what: String, said: String },
    #[error(
        "a value of kind `{kind}` is not read here and is kept as it came; use CWE, NM, SN, ST, DT, TM or TX"
    )]
    UnreadValue { kind: String },
    #[error("{earlier} is later than {later}; correct the times, or their offsets")]
    TimesOutOfOrder { earlier: String, later: String },
    #[error("the trailer says {said} and there are {found}; send the batch again if some were lost")]
    CountDiffers { said: String, found: u64 },
    #[error("the report has neither results nor answers; send at least one OBX or Observation")]
    NoResults,
    #[error("the JSON breaks off or is malformed at line {line}, column {column}: {reason}; send it again")]
    BadJson { line: usize, column: usize, reason: String },
    #[error(
        "`{reference}` points at nothing in the bundle; put the resource into an entry or into `contained`"
    )]
    Dangling { reference: String },
    #[error("`{reference}` is a {found}, and a {wanted} belongs here; correct the reference")]
    WrongResource { reference: String, found: String, wanted: String },
    #[error("two entries are called `{name}`; give each entry a fullUrl of its own")]
    TwoOfAName { name: String },
    #[error("it is about another patient than its report; correct the subject of one of them")]
    OtherPatient,
    #[error("nothing refers to this {kind}, so nobody is told of it; name it in DiagnosticReport.result")]
    Unreferenced { kind: String },
    #[error("the resource does not have the form of a {kind}: {reason}; correct this entry")]
    BadResource { kind: String, reason: String },
    /// What the receiving house found in its own books; `what` is its stable code.
    #[error("{en}")]
    Found { what: &'static str, en: String, zh: String },
}

/// What a complaint may name, without the place behind it.
const NAMES: [(&str, &str); 38] = [
    ("the kind of the value", "值的类型"),
    ("the test that was ordered", "检测项目"),
    ("a status of an order", "报告状态"),
    ("what was observed", "观察项目"),
    ("a status of a result", "结果状态"),
    ("the value", "结果值"),
    ("the specimen", "样本"),
    ("the sending program", "发送程序"),
    ("the sending laboratory", "发送实验室"),
    ("the receiving program", "接收程序"),
    ("the receiving house", "接收单位"),
    ("when it was sent", "发送时间"),
    ("the message's number", "消息编号"),
    ("the patient", "患者"),
    ("a number of the patient", "患者编号"),
    ("the patient's address", "患者住址"),
    ("a number of the specimen", "样本编号"),
    ("when the specimen was taken", "采样时间"),
    ("the sender", "发送方"),
    ("P, T or D", "P、T 或 D"),
    ("a number or a name of the patient", "患者编号或姓名"),
    ("the number of the message", "消息编号"),
    ("a status", "状态"),
    ("the status", "状态"),
    ("the kind of resource", "资源类型"),
    ("a number of at most 199 characters", "不超过 199 个字符的编号"),
    ("the tube's barcode", "采样管条码"),
    ("codes of one thing", "同一内容的代码"),
    ("segments", "消息段"),
    ("fields", "字段"),
    ("repetitions", "重复项"),
    ("panels within panels", "嵌套的组合项目"),
    ("resources", "资源"),
    ("results", "结果"),
    ("answers", "答复"),
    ("specimens", "样本"),
    ("orders", "医嘱"),
    ("messages", "消息"),
];

/// `what was observed (OBX-3)` is 观察项目（OBX-3）; what has no name there stays as it is.
fn in_chinese(what: &str) -> String {
    let each: Option<Vec<String>> = what.split(" or ").map(named).collect();
    each.map(|all| all.join("或")).or_else(|| named(what)).unwrap_or_else(|| format!(" {what}"))
}

/// A name with the place behind it, if it has one.
fn named(what: &str) -> Option<String> {
    let (words, place) = what.split_once(" (").map_or((what, ""), |(words, place)| (words, place));
    let (_, zh) = NAMES.iter().find(|(en, _)| *en == words)?;
    let place = place.trim_end_matches(')');
    Some(if place.is_empty() { (*zh).to_owned() } else { format!("{zh}（{place}）") })
}

impl ReportFault {
    /// The same finding without what stood in the message, which may be a name: for whoever keeps it.
    #[must_use]
    pub fn without_what_was_said(&self) -> ReportFault {
        let gone = || "…".to_owned();
        match self.clone() {
            ReportFault::OtherKind { wanted, .. } => ReportFault::OtherKind { found: gone(), wanted },
            ReportFault::BadTime { .. } => ReportFault::BadTime { said: gone() },
            ReportFault::BadNumber { .. } => ReportFault::BadNumber { said: gone() },
            ReportFault::UnknownEncoding { .. } => ReportFault::UnknownEncoding { said: gone() },
            ReportFault::UnknownWord { what, .. } => ReportFault::UnknownWord { what, said: gone() },
            ReportFault::UnreadValue { .. } => ReportFault::UnreadValue { kind: gone() },
            ReportFault::CountDiffers { found, .. } => ReportFault::CountDiffers { said: gone(), found },
            ReportFault::BadJson { line, column, .. } => {
                ReportFault::BadJson { line, column, reason: gone() }
            }
            ReportFault::Dangling { .. } => ReportFault::Dangling { reference: gone() },
            ReportFault::WrongResource { found, wanted, .. } => {
                ReportFault::WrongResource { reference: gone(), found, wanted }
            }
            ReportFault::TwoOfAName { .. } => ReportFault::TwoOfAName { name: gone() },
            ReportFault::BadResource { kind, .. } => ReportFault::BadResource { kind, reason: gone() },
            other => other,
        }
    }

    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            ReportFault::NoMessage => "report.no_message",
            ReportFault::BadSeparators => "report.bad_separators",
            ReportFault::OtherKind { .. } => "report.other_kind",
            ReportFault::Missing { .. } => "report.missing",
            ReportFault::NotASegment => "report.not_a_segment",
            ReportFault::OutOfPlace => "report.out_of_place",
            ReportFault::TooMany { .. } => "report.too_many",
            ReportFault::TooLong { .. } => "report.too_long",
            ReportFault::BadTime { .. } => "report.bad_time",
            ReportFault::BadNumber { .. } => "report.bad_number",
            ReportFault::UnknownEncoding { .. } => "report.unknown_encoding",
            ReportFault::OtherEncoding { .. } => "report.other_encoding",
            ReportFault::Replaced { .. } => "report.replaced",
            ReportFault::UnknownWord { .. } => "report.unknown_word",
            ReportFault::UnreadValue { .. } => "report.unread_value",
            ReportFault::TimesOutOfOrder { .. } => "report.times_out_of_order",
            ReportFault::CountDiffers { .. } => "report.count_differs",
            ReportFault::NoResults => "report.no_results",
            ReportFault::BadJson { .. } => "report.bad_json",
            ReportFault::Dangling { .. } => "report.dangling",
            ReportFault::WrongResource { .. } => "report.wrong_resource",
            ReportFault::TwoOfAName { .. } => "report.two_of_a_name",
            ReportFault::OtherPatient => "report.other_patient",
            ReportFault::Unreferenced { .. } => "report.unreferenced",
            ReportFault::BadResource { .. } => "report.bad_resource",
            ReportFault::Found { what, .. } => what,
        }
    }

    /// HL7 table 0357, for the ERR segment.
    pub fn condition(&self) -> (&'static str, &'static str) {
        match self {
            ReportFault::NoMessage | ReportFault::NotASegment | ReportFault::OutOfPlace => {
                ("100", "Segment sequence error")
            }
            ReportFault::Missing { .. } | ReportFault::NoResults => ("101", "Required field missing"),
            ReportFault::UnknownWord { .. } => ("103", "Table value not found"),
            ReportFault::OtherKind { .. } => ("200", "Unsupported message type"),
            ReportFault::Dangling { .. } => ("204", "Unknown key identifier"),
            ReportFault::TwoOfAName { .. } => ("205", "Duplicate key identifier"),
            ReportFault::Found { what: "message.number_used", .. } => ("205", "Duplicate key identifier"),
            ReportFault::Found { what: "message.unknown_code", .. } => ("103", "Table value not found"),
            ReportFault::Found { what: "message.stray", .. } => ("204", "Unknown key identifier"),
            ReportFault::Found { .. } => ("207", "Application internal error"),
            ReportFault::TooMany { .. } | ReportFault::TooLong { .. } => {
                ("207", "Application internal error")
            }
            _ => ("102", "Data type error"),
        }
    }

    /// The same sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            ReportFault::NoMessage => {
                "这里没有消息；HL7 消息以 MSH 开头，FHIR 以 {\"resourceType\":\"Bundle\" 开头".to_owned()
            }
            ReportFault::BadSeparators => {
                "分隔符无法使用；请以 MSH|^~\\& 或另外四个互不相同的符号开头".to_owned()
            }
            ReportFault::OtherKind { found, wanted } => {
                format!("收到“{found}”，这里只读取 {wanted}；请以 {wanted} 发送检测结果")
            }
            ReportFault::Missing { what } => format!("缺少{}；请补上", in_chinese(what)),
            ReportFault::NotASegment => {
                "其后的一行不是消息段；文本中的换行请写作 \\X0A\\ 或 \\.br\\".to_owned()
            }
            ReportFault::OutOfPlace => "该段出现在其所属内容之前；顺序为 PID、ORC、OBR、OBX、SPM".to_owned(),
            ReportFault::TooMany { what, cap } => {
                format!("{}超过 {cap} 个；请分成多条消息发送", in_chinese(what))
            }
            ReportFault::TooLong { cap } => format!("超过 {cap} 字节；大段文本和图片请另行发送"),
            ReportFault::BadTime { said } => {
                format!("“{said}”不是时间；请写作 20240311083000+0800，FHIR 写作 2024-03-11T08:30:00+08:00")
            }
            ReportFault::BadNumber { said } => {
                format!("“{said}”不是数字，按文本保留；请使用数字和小数点，如 24.6")
            }
            ReportFault::UnknownEncoding { said } => {
                format!("不认识编码“{said}”；请使用 UNICODE UTF-8、GB18030 或 8859/1")
            }
            ReportFault::OtherEncoding { read } => {
                format!("未注明编码或注明的编码与内容不符，按 {read} 读取；请在 MSH-18 中注明")
            }
            ReportFault::Replaced { count, encoding } => {
                format!("有 {count} 个字符不属于 {encoding}；请在 MSH-18 中注明正确的编码")
            }
            ReportFault::UnknownWord { what, said } => {
                format!("“{said}”不是已知的{}，按原样保留；请建立对照，或使用标准用语", in_chinese(what))
            }
            ReportFault::UnreadValue { kind } => {
                format!("不读取“{kind}”类型的值，按原样保留；请使用 CWE、NM、SN、ST、DT、TM 或 TX")
            }
            ReportFault::TimesOutOfOrder { earlier, later } => {
                format!("{earlier} 晚于 {later}；请更正时间或时区")
            }
            ReportFault::CountDiffers { said, found } => {
                format!("尾段注明 {said}，实际 {found}；如有丢失请重新发送整批")
            }
            ReportFault::NoResults => {
                "报告中没有结果，也没有答复；请至少发送一个 OBX 或 Observation".to_owned()
            }
            ReportFault::BadJson { line, column, reason } => {
                format!("JSON 在第 {line} 行第 {column} 列中断或格式错误：{reason}；请重新发送")
            }
            ReportFault::Dangling { reference } => {
                format!("“{reference}”在包中没有对应资源；请放入 entry 或 contained")
            }
            ReportFault::WrongResource { reference, found, wanted } => {
                format!("“{reference}”是 {found}，此处应为 {wanted}；请更正引用")
            }
            ReportFault::TwoOfAName { name } => {
                format!("有两个 entry 都叫“{name}”；请为每个 entry 使用不同的 fullUrl")
            }
            ReportFault::OtherPatient => "其对象与所属报告的患者不同；请更正其中一个 subject".to_owned(),
            ReportFault::Unreferenced { kind } => {
                format!("没有任何资源引用此 {kind}，因此无人知晓；请列入 DiagnosticReport.result")
            }
            ReportFault::BadResource { kind, reason } => {
                format!("资源不符合 {kind} 的格式：{reason}；请更正该 entry")
            }
            ReportFault::Found { zh, .. } => zh.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_in_the_readers_language() {
        let zh = |what: &str| ReportFault::Missing { what: what.to_owned() }.zh();
        assert_eq!(zh("what was observed (OBX-3)"), "缺少观察项目（OBX-3）；请补上");
        assert_eq!(
            zh("the tube's barcode (SPM-2) or the patient (PID)"),
            "缺少采样管条码（SPM-2）或患者（PID）；请补上"
        );
        assert_eq!(zh("P, T or D (MSH-11)"), "缺少P、T 或 D（MSH-11）；请补上");
        assert_eq!(zh("DiagnosticReport"), "缺少 DiagnosticReport；请补上");
    }
}

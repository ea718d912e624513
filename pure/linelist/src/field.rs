//! The closed list of what a column can say: one word for mapping, report, screen and MAP.toml.

use crate::ListKind;
use cases::DateKind;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Case,
    Person,
    Place,
    Dates,
    Link,
    Contact,
}

macro_rules! facts {
    ($($variant:ident = $word:literal, $zh:literal, $en:literal, $group:ident;)+) => {
        /// One thing a column can say about somebody or about a row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fact { $($variant),+ }

        impl Fact {
            pub const ALL: &'static [Fact] = &[$(Fact::$variant),+];
            pub fn word(self) -> &'static str { match self { $(Fact::$variant => $word),+ } }
            pub fn zh(self) -> &'static str { match self { $(Fact::$variant => $zh),+ } }
            pub fn en(self) -> &'static str { match self { $(Fact::$variant => $en),+ } }
            pub fn group(self) -> Group { match self { $(Fact::$variant => Group::$group),+ } }
        }
    };
}

facts! {
    CaseNo = "case_no", "病例编号", "Case number", Case;
    Disease = "disease", "疾病", "Disease", Case;
    Classification = "classification", "病例分类", "Classification", Case;
    Outcome = "outcome", "转归", "Outcome", Case;
    Found = "found", "发现方式", "How found", Case;
    Name = "name", "姓名", "Name", Person;
    GivenName = "given_name", "名", "Given name", Person;
    FamilyName = "family_name", "姓", "Family name", Person;
    IdNumber = "id_number", "证件号", "Identity number", Person;
    Phone = "phone", "电话", "Phone", Person;
    Sex = "sex", "性别", "Sex", Person;
    Age = "age", "年龄", "Age", Person;
    AgeBand = "age_band", "年龄段", "Age band", Person;
    AgeUnit = "age_unit", "年龄单位", "Unit of age", Person;
    AgeLow = "age_low", "年龄下限", "Age from", Person;
    AgeHigh = "age_high", "年龄上限", "Age to", Person;
    Birth = "birth", "出生日期", "Date of birth", Person;
    BirthYear = "birth_year", "出生年", "Year of birth", Person;
    BirthMonth = "birth_month", "出生月", "Month of birth", Person;
    BirthDay = "birth_day", "出生日", "Day of birth", Person;
    Occupation = "occupation", "职业", "Occupation", Person;
    Address = "address", "详细地址", "Street address", Place;
    RegionCode = "region_code", "地区编码", "Region code", Place;
    Country = "country", "国家", "Country", Place;
    Province = "province", "省", "Province", Place;
    City = "city", "市", "Prefecture or city", Place;
    County = "county", "县区", "County or district", Place;
    Township = "township", "乡镇街道", "Township", Place;
    Place = "place", "地点", "Place, as written", Place;
    Lon = "lon", "经度", "Longitude", Place;
    Lat = "lat", "纬度", "Latitude", Place;
    NotifiedCode = "notified_code", "报告地区编码", "Notified: region code", Place;
    NotifiedProvince = "notified_province", "报告省", "Notified: province", Place;
    NotifiedCity = "notified_city", "报告市", "Notified: prefecture", Place;
    NotifiedCounty = "notified_county", "报告县区", "Notified: county", Place;
    Exposure = "exposure", "首次暴露日期", "First possible exposure", Dates;
    ExposureLast = "exposure_last", "末次暴露日期", "Last possible exposure", Dates;
    Onset = "onset", "发病日期", "Onset", Dates;
    OnsetLast = "onset_last", "最晚发病日期", "Last possible onset", Dates;
    FirstVisit = "first_visit", "首诊日期", "First visit", Dates;
    Specimen = "specimen", "采样日期", "Specimen taken", Dates;
    Result = "result", "确诊日期", "Result that confirmed", Dates;
    Report = "report", "报告日期", "Reported", Dates;
    Isolation = "isolation", "隔离日期", "Isolated", Dates;
    Admission = "admission", "入院日期", "Admitted", Dates;
    Recovery = "recovery", "出院日期", "Recovered or discharged", Dates;
    Death = "death", "死亡日期", "Died", Dates;
    OutcomeDate = "outcome_date", "转归日期", "Day of the outcome", Dates;
    InfectedBy = "infected_by", "传染来源病例", "Infected by (case number)", Link;
    SourceText = "source_text", "感染来源描述", "Source of infection, in words", Link;
    Relation = "relation", "关系", "Relation", Link;
    Setting = "setting", "传播场所", "Setting", Link;
    Household = "household", "是否同住", "Same household", Link;
    ContactNo = "contact_no", "密接编号", "Contact number", Contact;
    SourceCaseNo = "source_case_no", "来源病例编号", "Source case number", Contact;
    FirstExposure = "first_exposure", "首次接触日期", "First contact", Contact;
    LastExposure = "last_exposure", "末次接触日期", "Last contact", Contact;
    ContactClass = "contact_class", "接触类别", "Contact class", Contact;
}

impl Fact {
    /// The date of a case that the column holds, when it holds one by itself.
    pub fn date_kind(self) -> Option<DateKind> {
        Some(match self {
            Fact::Exposure => DateKind::Exposure,
            Fact::Onset => DateKind::Onset,
            Fact::FirstVisit => DateKind::FirstVisit,
            Fact::Specimen => DateKind::Specimen,
            Fact::Result => DateKind::Result,
            Fact::Report => DateKind::Report,
            Fact::Isolation => DateKind::Isolation,
            Fact::Admission => DateKind::Admission,
            Fact::Recovery => DateKind::Recovery,
            Fact::Death => DateKind::Death,
            _ => return None,
        })
    }

    /// Are the cells of such a column days?
    pub fn is_date(self) -> bool {
        self.date_kind().is_some()
            || matches!(
                self,
                Fact::ExposureLast
                    | Fact::OnsetLast
                    | Fact::OutcomeDate
                    | Fact::Birth
                    | Fact::FirstExposure
                    | Fact::LastExposure
            )
    }

    /// Does a list of this kind have such a column?
    pub fn belongs_to(self, kind: ListKind) -> bool {
        let about_contact = self.group() == Group::Contact;
        let about_link = matches!(self, Fact::Relation | Fact::Household);
        match kind {
            ListKind::Cases => !about_contact,
            ListKind::Contacts => {
                matches!(self.group(), Group::Person | Group::Place | Group::Contact)
                    || matches!(self, Fact::Relation | Fact::Setting | Fact::Disease | Fact::Household)
            }
            ListKind::Links => about_link || !about_contact,
        }
    }
}

/// Whom a column speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// The case or contact of the row, or the link itself.
    Row,
    Infector,
    Infectee,
}

/// What a column says, and about whom. Written `onset`, `infector.onset`, `infectee.onset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Field {
    pub whose: Whose,
    pub fact: Fact,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a field; use a word such as onset, case_no, sex or infector.onset (docs/import.md \
     lists them all)"
)]
pub struct FieldError(pub String);

impl Field {
    pub const fn row(fact: Fact) -> Field {
        Field { whose: Whose::Row, fact }
    }

    pub const fn of(whose: Whose, fact: Fact) -> Field {
        Field { whose, fact }
    }

    pub fn word(self) -> String {
        match self.whose {
            Whose::Row => self.fact.word().to_owned(),
            Whose::Infector => format!("infector.{}", self.fact.word()),
            Whose::Infectee => format!("infectee.{}", self.fact.word()),
        }
    }

    pub fn zh(self) -> String {
        match self.whose {
            Whose::Row => self.fact.zh().to_owned(),
            Whose::Infector => format!("传染者·{}", self.fact.zh()),
            Whose::Infectee => format!("被感染者·{}", self.fact.zh()),
        }
    }

    pub fn en(self) -> String {
        match self.whose {
            Whose::Row => self.fact.en().to_owned(),
            Whose::Infector => format!("Infector: {}", self.fact.en()),
            Whose::Infectee => format!("Infectee: {}", self.fact.en()),
        }
    }

    pub fn group(self) -> Group {
        self.fact.group()
    }

    /// Every field a list of this kind can have, in the order in which a screen offers them.
    pub fn all(kind: ListKind) -> Vec<Field> {
        let facts = Fact::ALL.iter().copied().filter(|fact| fact.belongs_to(kind));
        match kind {
            ListKind::Cases | ListKind::Contacts => facts.map(Field::row).collect(),
            ListKind::Links => {
                let of_the_link = [Fact::Relation, Fact::Setting, Fact::Household, Fact::Disease];
                let doubled: Vec<Fact> = facts.filter(|fact| fact.group() != Group::Link).collect();
                let sides = [Whose::Infector, Whose::Infectee];
                let sides = sides
                    .into_iter()
                    .flat_map(|whose| doubled.iter().map(move |fact| Field::of(whose, *fact)));
                of_the_link.into_iter().map(Field::row).chain(sides).collect()
            }
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}

impl FromStr for Field {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<Field, FieldError> {
        let (whose, word) = match text.split_once('.') {
            Some(("infector", word)) => (Whose::Infector, word),
            Some(("infectee", word)) => (Whose::Infectee, word),
            Some(_) => return Err(FieldError(text.to_owned())),
            None => (Whose::Row, text),
        };
        let fact = Fact::ALL.iter().copied().find(|fact| fact.word() == word);
        fact.map(|fact| Field { whose, fact }).ok_or_else(|| FieldError(text.to_owned()))
    }
}

impl TryFrom<String> for Field {
    type Error = FieldError;
    fn try_from(text: String) -> Result<Field, FieldError> {
        text.parse()
    }
}

impl From<Field> for String {
    fn from(field: Field) -> String {
        field.word()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_reads_back_from_its_word_and_no_word_is_used_twice() {
        for kind in [ListKind::Cases, ListKind::Contacts, ListKind::Links] {
            let fields = Field::all(kind);
            let words: BTreeSet<String> = fields.iter().map(|field| field.word()).collect();
            assert_eq!(words.len(), fields.len(), "{kind:?}");
            for field in fields {
                assert_eq!(field.word().parse::<Field>().unwrap(), field);
            }
        }
    }

    #[test]
    fn a_wrong_word_is_refused_with_examples_of_right_ones() {
        assert!("patient.onset".parse::<Field>().unwrap_err().to_string().contains("infector.onset"));
    }
}

//! Mapping as a clerk meets it: what is recognised, what is asked, and what a hand-written mapping changes.

use cases::{Classification, DateKind, Found, Sex};
use linelist::{
    Cell, DateFormat, Draft, Drafter, ListKind, MapFile, Mapping, Profile, Severity, fingerprint, recognise,
};

fn cells(row: &[&str]) -> Vec<Cell> {
    row.iter()
        .map(|text| if text.is_empty() { Cell::Blank } else { Cell::Text((*text).to_owned()) })
        .collect()
}

struct List {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    profile: Profile,
}

fn list(columns: &[&str], rows: &[&[&str]]) -> List {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let rows: Vec<Vec<Cell>> = rows.iter().map(|row| cells(row)).collect();
    let profile = Profile::of(&columns, &rows);
    List { columns, rows, profile }
}

impl List {
    fn mapping(&self) -> Mapping {
        recognise(&self.columns, &self.profile, None)
    }

    fn drafts(&self, mapping: &Mapping) -> Vec<linelist::Drafted> {
        let mut drafter = Drafter::new(mapping, &self.columns);
        (2..).zip(&self.rows).map(|(number, row)| drafter.draft(number, row)).collect()
    }

    fn fields(&self) -> Vec<String> {
        let mapping = self.mapping();
        mapping
            .columns
            .iter()
            .map(|column| column.field.map_or_else(|| "-".to_owned(), |field| field.word()))
            .collect()
    }
}

fn case(drafted: &linelist::Drafted) -> &linelist::CaseDraft {
    match &drafted.draft {
        Some(Draft::Case(case)) => case,
        other => panic!("no case: {other:?}"),
    }
}

#[test]
fn the_columns_of_a_chinese_report_card_are_known() {
    let list = list(
        &[
            "卡片编号",
            "患者姓名",
            "有效证件号",
            "性别",
            "出生日期",
            "年龄（岁）",
            "联系电话",
            "现住地址国标",
            "现住详细地址",
            "人群分类",
            "病例分类",
            "发病日期",
            "诊断时间",
            "报告卡录入时间",
            "死亡日期",
            "疾病名称",
            "发现方式",
            "备注",
        ],
        &[&[
            "C1",
            "王某",
            "1",
            "女",
            "1984-05-01",
            "37",
            "138",
            "14072600",
            "某村1号",
            "农民",
            "确诊病例",
            "2022-02-18",
            "2022-02-21 08:30:00",
            "2022-02-21 10:00:00",
            ".",
            "新型冠状病毒肺炎",
            "隔离点",
            "家庭聚集",
        ]],
    );
    assert_eq!(
        list.fields(),
        [
            "case_no",
            "name",
            "id_number",
            "sex",
            "birth",
            "age",
            "phone",
            "region_code",
            "address",
            "occupation",
            "classification",
            "onset",
            "result",
            "report",
            "death",
            "disease",
            "found",
            "-"
        ]
    );
    let drafts = list.drafts(&list.mapping());
    let case = case(&drafts[0]);
    assert_eq!(drafts[0].problems, []);
    assert_eq!(
        (case.person.sex, case.classification, case.found),
        (Some(Sex::Female), Some(Classification::Confirmed), Some(Found::UnderCare))
    );
    assert_eq!((case.said["death"].as_str(), case.said["column:备注"].as_str()), ("", "家庭聚集"));
}

#[test]
fn a_list_of_contacts_is_told_from_a_list_of_cases() {
    let list = list(
        &[
            "密接编号",
            "姓名",
            "性别",
            "年龄",
            "关联病例",
            "末次接触日期",
            "接触类别",
            "与病例关系",
            "现住县区",
        ],
        &[&["J1", "李某", "男", "3个月", "TG-1", "2022年2月19日", "次密接", "邻居", "太谷区"]],
    );
    let mapping = list.mapping();
    assert_eq!(mapping.kind, ListKind::Contacts);
    let drafts = list.drafts(&mapping);
    let Some(Draft::Contact(contact)) = &drafts[0].draft else { panic!("a contact") };
    assert_eq!(
        (contact.contact_no.as_deref(), contact.source_case_no.as_deref()),
        (Some("J1"), Some("TG-1"))
    );
    assert_eq!(contact.last_exposure.as_ref().unwrap().day.to_string(), "2022-02-19");
    assert_eq!(
        (contact.person.age_years, contact.class.map(|class| class.word())),
        (Some(0.25), Some("secondary"))
    );
}

#[test]
fn a_date_column_that_fits_both_orders_is_asked_about_and_never_chosen() {
    let list =
        list(&["case_id", "onset"], &[&["1", "03/02/2020"], &["2", "05/02/2020"], &["3", "03/03/2020"]]);
    let mut mapping = list.mapping();
    let questions = mapping.questions();
    assert_eq!(
        (questions.len(), questions[0].code.as_str(), questions[0].column.as_str()),
        (1, "date.ambiguous", "onset")
    );
    for words in
        ["`03/02/2020` is 2020-02-03 (dmy) or 2020-03-02 (mdy)", "--date-format onset=dmy", "onset=mdy"]
    {
        assert!(questions[0].en.contains(words), "{}", questions[0].en);
    }
    // Unanswered, no cell is guessed; the one that reads the same both ways is read.
    let open = list.drafts(&mapping);
    let onsets: Vec<bool> = open.iter().map(|row| case(row).dates.day(DateKind::Onset).is_some()).collect();
    assert_eq!(onsets, [false, false, true]);
    mapping.set_date_format("onset", DateFormat::Mdy).unwrap();
    assert_eq!(mapping.questions(), []);
    assert_eq!(case(&list.drafts(&mapping)[0]).dates.day(DateKind::Onset).unwrap().to_string(), "2020-03-02");
}

#[test]
fn another_column_of_the_file_may_settle_the_order_and_that_is_said() {
    let list = list(
        &["case_id", "onset", "report"],
        &[&["1", "03/02/2020", "14/02/2020"], &["2", "05/02/2020", "15/02/2020"]],
    );
    let mapping = list.mapping();
    assert_eq!(mapping.questions(), []);
    let note = mapping.notes.iter().find(|note| note.code == "date.order_from_neighbour").unwrap();
    assert_eq!((note.column.as_deref(), note.severity), (Some("onset"), Severity::Info));
    assert!(note.message.contains("`report`") && note.message.contains("14/02/2020"));
    assert_eq!(case(&list.drafts(&mapping)[0]).dates.day(DateKind::Onset).unwrap().to_string(), "2020-02-03");
}

#[test]
fn two_columns_that_prove_opposite_orders_settle_nothing_for_a_third() {
    let list = list(
        &["case_id", "onset", "report", "admission"],
        &[&["1", "03/02/2020", "14/02/2020", "02/15/2020"], &["2", "05/02/2020", "15/02/2020", "02/16/2020"]],
    );
    let questions = list.mapping().questions();
    assert_eq!(questions.iter().map(|question| question.column.as_str()).collect::<Vec<_>>(), ["onset"]);
}

#[test]
fn a_contrary_cell_in_a_proved_column_is_named_and_not_turned_round() {
    let rows: Vec<Vec<String>> = (13..30)
        .map(|day| vec![day.to_string(), format!("{day}/02/2020")])
        .chain([vec!["99".into(), "02/25/2020".into()]])
        .collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let list = list(&["case_id", "onset"], &rows);
    let drafts = list.drafts(&list.mapping());
    let last = drafts.last().unwrap();
    assert_eq!((last.problems[0].code.as_str(), last.problems[0].row), ("date.other_order", 19));
    assert_eq!(
        (case(last).dates.day(DateKind::Onset), case(last).said["onset"].as_str()),
        (None, "02/25/2020")
    );
}

#[test]
fn days_without_a_year_take_the_year_of_the_file_or_are_asked_about() {
    let with = list(&["编号", "发病日期", "报告日期"], &[&["1", "1月20日", "2020-01-25"]]);
    let mapping = with.mapping();
    assert_eq!(mapping.questions(), []);
    assert!(mapping.notes.iter().any(|note| note.code == "date.year_from_file"));
    assert_eq!(case(&with.drafts(&mapping)[0]).dates.day(DateKind::Onset).unwrap().to_string(), "2020-01-20");

    let without = list(&["编号", "发病日期"], &[&["1", "12月30日"], &["2", "1月2日"]]);
    let mut mapping = without.mapping();
    assert_eq!(mapping.questions()[0].code, "date.no_year");
    assert_eq!(without.drafts(&mapping)[0].problems[0].code, "date.no_year");
    mapping.defaults.year = Some(2020);
    assert_eq!(mapping.questions(), []);
    assert_eq!(
        case(&without.drafts(&mapping)[1]).dates.day(DateKind::Onset).unwrap().to_string(),
        "2020-01-02"
    );
}

#[test]
fn an_unknown_word_is_kept_and_named_and_a_mapping_gives_it_a_meaning() {
    let list = list(
        &["case_id", "case classification"],
        &[&["1", "confirmed"], &["2", "Grade A"], &["3", "confirmed"]],
    );
    let mut mapping = list.mapping();
    let drafts = list.drafts(&mapping);
    let problem = &drafts[1].problems[0];
    assert_eq!(
        (problem.code.as_str(), problem.value.as_deref(), problem.severity),
        ("value.unknown", Some("Grade A"), Severity::Warning)
    );
    assert_eq!(
        (case(&drafts[1]).classification, case(&drafts[1]).said["classification"].as_str()),
        (None, "Grade A")
    );
    let readings = mapping.columns[1].readings(&list.profile.columns[1]);
    assert_eq!(
        (readings[0].text.as_str(), readings[0].count, readings[0].to.as_deref()),
        ("confirmed", 2, Some("confirmed"))
    );
    assert_eq!((readings[1].text.as_str(), readings[1].to.as_deref()), ("Grade A", None));
    mapping.set_value("case classification", "grade a", "probable").unwrap();
    assert_eq!(case(&list.drafts(&mapping)[1]).classification, Some(Classification::Probable));
    let refusal = mapping.set_value("classification", "x", "maybe").unwrap_err().to_string();
    assert!(refusal.contains("confirmed"), "{refusal}");
}

#[test]
fn a_mapping_written_by_hand_overrides_what_was_recognised() {
    let list = list(&["Nr", "Tag", "Wer", "Klasse"], &[&["7", "03/02/2020", "Otto", "A"]]);
    let text = r#"
        kind = "cases"
        [columns]
        "Nr" = "case_no"
        "Tag" = { field = "onset", dates = "dmy" }
        "Wer" = ""
        "Klasse" = { field = "classification", values = { "A" = "confirmed" } }
        [defaults]
        disease = "covid-19"
    "#;
    let map = MapFile::read(text).unwrap();
    let mut mapping = recognise(&list.columns, &list.profile, map.kind);
    map.apply(&mut mapping, &list.profile).unwrap();
    let drafts = list.drafts(&mapping);
    let read = case(&drafts[0]);
    assert_eq!((read.case_no.as_deref(), read.disease.as_deref()), (Some("7"), Some("covid-19")));
    assert_eq!(read.dates.day(DateKind::Onset).unwrap().to_string(), "2020-02-03");
    assert_eq!(
        (read.classification, read.said["column:Wer"].as_str()),
        (Some(Classification::Confirmed), "Otto")
    );

    // Written out again, it says the same.
    let written = MapFile::from(&mapping);
    let mut again = recognise(&list.columns, &list.profile, written.kind);
    written.apply(&mut again, &list.profile).unwrap();
    assert_eq!(list.drafts(&again), drafts);
    // And a mapping survives being remembered.
    let kept: Mapping = serde_json::from_str(&serde_json::to_string(&mapping).unwrap()).unwrap();
    assert_eq!(kept, mapping);
}

#[test]
fn a_wrong_mapping_is_refused_with_what_would_be_right() {
    for (text, words) in [
        ("[columns]\n\"Nr\" = \"casenumber\"", "infector.onset"),
        ("[columns]\n\"nobody\" = \"onset\"", "check the header row"),
        ("[colums]\n", "docs/import.md"),
        ("[columns]\n\"Nr\" = \"infector.onset\"", "use one of"),
        ("[columns]\n\"Nr\" = { field = \"case_no\", dates = \"dmy\" }", "choose another column"),
    ] {
        let list = list(&["Nr"], &[&["7"]]);
        let mut mapping = list.mapping();
        let refusal = MapFile::read(text).and_then(|map| map.apply(&mut mapping, &list.profile)).unwrap_err();
        assert!(refusal.to_string().contains(words), "{refusal}");
    }
}

#[test]
fn a_remembered_mapping_fits_a_file_whose_columns_moved() {
    let first = list(&["case_id", "sex", "onset"], &[&["1", "f", "2022-02-18"]]);
    let moved = list(&["onset", "case_id", "sex"], &[&["2022-02-18", "1", "f"]]);
    assert_ne!(fingerprint(&first.columns), fingerprint(&moved.columns));
    assert_eq!(case(&moved.drafts(&first.mapping())[0]), case(&first.drafts(&first.mapping())[0]));
}

#[test]
fn a_later_piece_of_a_case_adds_and_does_not_overwrite() {
    let list = list(
        &["id", "name", "gender", "age", "onset", "events"],
        &[
            &["7", "王某", "女", "59", "2022-02-18", "市场"],
            &["7", "", "", "0", "", "医院"],
            &["7", "李某", "男", "4", "", ""],
        ],
    );
    let drafts = list.drafts(&list.mapping());
    assert_eq!(drafts[1].continues.as_deref(), Some("7"));
    assert_eq!(
        (case(&drafts[1]).person.age_years, case(&drafts[1]).said["column:events"].as_str()),
        (None, "医院")
    );
    // The same number on somebody else is no piece; whether it is a mistake is for the imports room to say.
    assert_eq!((&drafts[2].continues, case(&drafts[2]).person.age_years), (&None, Some(4.0)));
}

#[test]
fn blank_rows_are_blank_and_rows_that_say_nothing_readable_are_errors() {
    let list = list(
        &["case_id", "onset", "note"],
        &[&["1", "2022-02-18", ""], &["", "", ""], &["", "", "see below"]],
    );
    let drafts = list.drafts(&list.mapping());
    assert!(drafts[1].blank && drafts[1].draft.is_none());
    assert_eq!((drafts[2].draft.is_none(), drafts[2].problems[0].severity), (true, Severity::Error));
}

#[test]
fn several_infectors_in_one_cell_are_several_and_nobody_infects_himself() {
    let list = list(&["case_id", "infected_by"], &[&["1", ""], &["2", "1、3"], &["3", "3"]]);
    let drafts = list.drafts(&list.mapping());
    let named: Vec<&str> =
        case(&drafts[1]).infectors.iter().map(|infector| infector.case_no.as_str()).collect();
    assert_eq!(named, ["1", "3"]);
    assert_eq!(
        (case(&drafts[2]).infectors.len(), drafts[2].problems[0].code.as_str()),
        (0, "link.to_itself")
    );
}

#[test]
fn a_column_chosen_by_hand_is_settled_by_its_neighbours_too() {
    let list = list(&["case_id", "Tag", "report"], &[&["1", "03/02/2020", "14/02/2020"]]);
    let mut mapping = list.mapping();
    let map = MapFile::read("[columns]\n\"Tag\" = \"onset\"").unwrap();
    map.apply(&mut mapping, &list.profile).unwrap();
    assert_eq!(mapping.questions(), []);
    assert_eq!(case(&list.drafts(&mapping)[0]).dates.day(DateKind::Onset).unwrap().to_string(), "2020-02-03");
}

#[test]
fn short_dates_with_the_year_first_are_seen_by_the_number_that_does_not_change() {
    let many = list(
        &["编号", "发病日期"],
        &[&["1", "22.2.18"], &["2", "22.2.19"], &["3", "22.2.21"], &["4", "22.3.1"]],
    );
    let mapping = many.mapping();
    assert_eq!(mapping.questions(), []);
    assert!(mapping.notes.iter().any(|note| note.code == "date.order_by_convention"));
    assert_eq!(case(&many.drafts(&mapping)[0]).dates.day(DateKind::Onset).unwrap().to_string(), "2022-02-18");

    // Two rows prove nothing, and 2018 is as possible as 2022.
    let few = list(&["编号", "发病日期"], &[&["1", "22.2.18"], &["2", "22.2.19"]]);
    let question = &few.mapping().questions()[0];
    assert!(question.en.contains("2018-02-22 (dmy) or 2022-02-18 (ymd)"), "{}", question.en);
}

#[test]
fn a_small_list_of_cases_that_names_infectors_is_no_list_of_links() {
    let list = list(&["case_id", "infector", "onset", "sex"], &[&["2", "1", "2022-02-18", "f"]]);
    assert_eq!(list.mapping().kind, ListKind::Cases);
    assert_eq!(list.fields(), ["case_no", "infected_by", "onset", "sex"]);
}

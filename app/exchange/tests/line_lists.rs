//! The public line lists this was made for, read from start to end. They stay outside the repository: set
//! QUELL_SHARED or put `shared` beside the workspace; without them these tests say so and pass. Every
//! expected count was made by another program (Python's csv module over the same files).

mod shared;

use base::Precision;
use cases::{Classification, DateKind, Evidence, Outcome, Sex};
use linelist::{DateFormat, ListKind};
use shared::{Read, read};

/// Reads the file, and checks what every list must keep: no row lost, no row refused, nothing left to ask.
fn whole(path: &str, kind: ListKind, rows: usize) -> Option<Read> {
    let read = read(path)?;
    if std::env::var_os("QUELL_SHOW").is_some() {
        for column in &read.mapping.columns {
            println!(
                "{path}: {} -> {:?} {} {}",
                column.header,
                column.field.map(|f| f.word()),
                column.certainty,
                column.why
            );
        }
        println!("{path}: {:?} {:?}", read.mapping.notes, read.codes());
    }
    assert_eq!(read.mapping.kind, kind, "{path}");
    assert_eq!(read.mapping.questions(), [], "{path}");
    assert_eq!(
        (read.drafts(), read.errors(), read.blank),
        (rows, 0, 0),
        "{path}: drafts, errors, blank rows"
    );
    Some(read)
}

#[test]
fn every_edition_of_the_korean_list_is_read_and_names_its_infectors() {
    // File, rows, days of onset, infectors named (without the cases that name themselves), days of
    // confirmation, of release, of death.
    for (file, rows, onset, infectors, itself, result, recovery, death) in [
        ("revisions/PatientInfo_2020-03-20.csv", 2218, 193, 468, 1, 2077, 223, 32),
        ("revisions/PatientInfo_2020-03-31.csv", 2771, 389, 648, 2, 2771, 709, 48),
        ("revisions/PatientInfo_2020-04-08.csv", 3128, 445, 733, 2, 3128, 981, 56),
        ("revisions/PatientInfo_2020-04-14.csv", 3253, 461, 761, 2, 3253, 1137, 60),
        ("revisions/PatientInfo_2020-04-21.csv", 3326, 470, 804, 2, 3323, 1218, 60),
        ("PatientInfo.csv", 3388, 480, 820, 2, 3385, 1327, 62),
        ("PatientInfo_2020-06-30_via_jopagel.csv", 5165, 689, 1341, 4, 5161, 1587, 66),
    ] {
        let Some(read) = whole(&format!("kr_ds4c_2020/{file}"), ListKind::Cases, rows) else { return };
        let days = ["onset", "result", "recovery", "death"].map(|kind| read.with(kind));
        assert_eq!(days, [onset, result, recovery, death], "{file}");
        assert_eq!(read.infected(), infectors, "{file}");
        assert_eq!(read.codes().get("link.to_itself").copied().unwrap_or(0), itself, "{file}");
        let named = read.cases.iter().flat_map(|case| &case.infectors);
        assert!(named.clone().all(|infector| infector.evidence == Evidence::Named));
        let first = &read.cases[0];
        assert_eq!(first.case_no.as_deref(), Some("1000000001"));
        assert_eq!((first.person.sex, first.person.age_band.as_deref()), (Some(Sex::Male), Some("50-59")));
        assert_eq!(first.residence.names, ["Korea", "Seoul", "Gangseo-gu"]);
        assert_eq!(
            (first.classification, first.outcome),
            (Some(Classification::Confirmed), Some(Outcome::Recovered))
        );
    }
}

#[test]
fn the_second_korean_curation_writes_months_first_and_its_columns_prove_it() {
    let Some(read) = whole("kr_ds4c_2020/thisisisaac/patients.csv", ListKind::Cases, 7754) else { return };
    let days = ["exposure", "result", "recovery", "death"].map(|kind| read.with(kind));
    assert_eq!((days, read.infected()), ([360, 7754, 55, 36], 70));
    assert_eq!(read.column("confirmed_date").date.as_ref().unwrap().chosen, Some(DateFormat::Mdy));
    assert_eq!(read.cases[0].dates.day(DateKind::Result).unwrap().to_string(), "2020-01-20");
}

#[test]
fn the_four_editions_of_the_tianjin_list_agree_on_their_layout() {
    // Rows, onset, confirmation, exposure (first), death, source in words.
    for (file, onset, exposure, source) in [
        ("Tianjin135cases_revised.csv", 125, 54, 129),
        ("Tianjin135casesFeb22.csv", 125, 53, 127),
        ("COVID-19_Tianjin.csv", 125, 52, 127),
        ("COVID-19_Tianjin-with-some-hospitalized-dates.csv", 128, 60, 127),
    ] {
        let Some(read) = whole(&format!("cn_tianjin_2020/{file}"), ListKind::Cases, 135) else { return };
        let days = ["onset", "result", "exposure", "death"].map(|kind| read.with(kind));
        assert_eq!(days, [onset, 135, exposure, 3], "{file}");
        assert_eq!(read.saying("source_text"), source, "{file}");
        let first = &read.cases[0];
        assert_eq!((first.case_no.as_deref(), first.person.age_years), (Some("TJ1"), Some(59.0)), "{file}");
        let onset = first.dates.stated(DateKind::Onset).unwrap();
        assert_eq!(
            (onset.day.to_string().as_str(), onset.precision),
            ("2020-01-14", Precision::Day),
            "{file}"
        );
        let exposure = first.dates.stated(DateKind::Exposure).unwrap();
        let until = exposure.until.unwrap().to_string();
        assert_eq!(
            (exposure.day.to_string().as_str(), until.as_str()),
            ("2020-01-05", "2020-01-14"),
            "{file}"
        );
    }
}

#[test]
fn the_edges_of_tianjin_are_cases_with_a_source_in_words() {
    let Some(read) = whole("cn_tianjin_2020/tianjin_edges.csv", ListKind::Cases, 135) else { return };
    assert_eq!(read.cases[0].case_no.as_deref(), Some("TJ1"));
    assert_eq!(read.cases[0].said["source_text"], "Wuhan");
}

#[test]
fn the_open_line_list_of_early_2020_keeps_what_it_knows_roughly_and_what_it_garbles() {
    let Some(read) = whole("cn_linelist_ncov2019/data_figure_s7.csv", ListKind::Cases, 11_079) else {
        return;
    };
    let days = ["onset", "admission", "result"].map(|kind| read.with(kind));
    // 561 onsets are written; one has a month above twelve in a column that writes the day first, and is
    // asked about.
    assert_eq!((days, read.codes()["date.other_order"]), ([560, 594, 10_994], 1));
    let rough = read.cases.iter().filter(|case| {
        case.dates.stated(DateKind::Onset).is_some_and(|onset| onset.precision == Precision::Range)
    });
    // Five ranges and one "end of December 2019".
    assert_eq!(rough.count(), 6);
    assert_eq!(read.cases.iter().filter(|case| case.case_no.is_some()).count(), 8263);
    let sexes = [Sex::Male, Sex::Female]
        .map(|sex| read.cases.iter().filter(|case| case.person.sex == Some(sex)).count());
    assert_eq!(sexes, [510, 402]);
    // Rows whose cells slipped: fifteen places and two age bands in the sex column, and nothing of it is
    // lost.
    let slipped: Vec<_> =
        read.problems.iter().filter(|problem| problem.column.as_deref() == Some("sex")).collect();
    assert_eq!(slipped.len(), 17);
    let slipped = slipped.iter().find(|problem| problem.value.as_deref() == Some("Gutian County")).unwrap();
    assert_eq!(slipped.code, "value.unknown");
}

#[test]
fn the_published_pairs_are_links_with_facts_about_both_ends() {
    let path = "cn_transmission_pairs_2020/TableS1_1407TransPairs.csv";
    let Some(read) = whole(path, ListKind::Links, 1407) else { return };
    let onset = |case: &linelist::CaseDraft| case.dates.day(DateKind::Onset);
    let infectors = read.links.iter().filter(|link| onset(&link.infector).is_some()).count();
    let infectees = read.links.iter().filter(|link| onset(&link.infectee).is_some()).count();
    let intervals: Vec<i32> =
        read.links.iter().filter_map(|link| Some(onset(&link.infectee)? - onset(&link.infector)?)).collect();
    assert_eq!((infectors, infectees, intervals.len()), (977, 797, 679));
    // The known answer of the data: mean serial interval 5.09 days, 54 of them negative.
    let sum: i32 = intervals.iter().sum();
    assert_eq!((f64::from(sum) / 679.0 * 100.0).round(), 509.0);
    assert_eq!(intervals.iter().filter(|days| **days < 0).count(), 54);
    assert_eq!(read.links.iter().filter(|link| link.setting.as_deref() == Some("household")).count(), 662);
    let confirmed = read.links.iter().filter(|link| link.infectee.dates.day(DateKind::Result).is_some());
    assert_eq!(confirmed.count(), 1127);
    assert_eq!(read.links[0].infector.case_no.as_deref(), Some("ah_suzhou-12"));
}

#[test]
fn the_exported_cases_are_read_whatever_their_headers_claim() {
    let Some(read) = whole("intl_travellers_2020/exported_cases_cleaned.csv", ListKind::Cases, 2010) else {
        return;
    };
    let days = ["report", "onset", "admission", "result", "death", "recovery"].map(|kind| read.with(kind));
    assert_eq!(days, [1328, 371, 310, 537, 24, 191]);
    // 49 cells say something about the first exposure; four of them are remarks and stay remarks.
    assert_eq!(read.with("exposure"), 45);
    assert_eq!(read.saying("exposure"), 49);
    assert_eq!(read.cases.iter().filter(|case| case.case_no.is_some()).count(), 2007);
    assert_eq!(read.cases.iter().filter(|case| case.person.age_years.is_some()).count(), 631);
}

#[test]
fn windows_of_exposure_and_onset_become_ranges_and_an_open_window_stays_unknown() {
    let Some(read) = whole("intl_travellers_2020/nCoV-IDD-traveler-data.csv", ListKind::Cases, 182) else {
        return;
    };
    // Windows with both ends: 49 of exposure, 151 of onset; one more onset has a beginning only.
    assert_eq!((read.with("exposure"), read.with("onset")), (49, 152));
    // 125 exposures have an end only. They are in what the row said, and no day is made of them.
    assert_eq!(read.saying("exposure_last"), 174);
    let aged =
        read.cases.iter().filter(|case| case.person.age_years.is_some() || case.person.age_band.is_some());
    assert_eq!(aged.count(), 171);
    assert_eq!(read.cases[0].residence.names, ["USA", "Washington", "Snohomish County"]);
}

#[test]
fn the_simulated_ebola_outbreak_is_cases_and_links() {
    let Some(read) = whole("recon_outbreaks/ebola_sim_linelist.csv", ListKind::Cases, 5888) else { return };
    let days = ["exposure", "onset", "admission", "death", "recovery"].map(|kind| read.with(kind));
    assert_eq!(days, [3801, 5888, 5888, 2160, 1680]);
    assert!(read.cases.iter().all(|case| case.residence.point.is_some()));

    let Some(read) = whole("recon_outbreaks/ebola_sim_contacts.csv", ListKind::Links, 3800) else { return };
    let numbered =
        |link: &&linelist::LinkDraft| link.infector.case_no.is_some() && link.infectee.case_no.is_some();
    assert_eq!(read.links.iter().filter(numbered).count(), 3800);
    assert_eq!(read.links.iter().filter(|link| link.setting.as_deref() == Some("funeral")).count(), 572);
}

#[test]
fn small_lists_of_other_diseases_are_read() {
    let Some(read) = whole("recon_outbreaks/fluH7N9_china_2013.csv", ListKind::Cases, 136) else { return };
    let days = ["onset", "admission"].map(|kind| read.with(kind));
    assert_eq!(days, [126, 62]);
    let outcomes = [Outcome::Died, Outcome::Recovered];
    let outcomes =
        outcomes.map(|outcome| read.cases.iter().filter(|case| case.outcome == Some(outcome)).count());
    assert_eq!(outcomes, [32, 47]);

    let Some(read) = whole("recon_outbreaks/varicella_sim_berlin.csv", ListKind::Cases, 500) else { return };
    assert_eq!((read.with("onset"), read.saying("disease")), (129, 129));
    assert_eq!(read.cases[0].person.name.as_deref(), Some("Saleema al-Ismael"));
}

#[test]
fn the_tianjin_workbook_says_what_its_csv_says() {
    let Some(read) = whole("cn_tianjin_2020/Tianjin_135_cases_revised.xlsx", ListKind::Cases, 135) else {
        return;
    };
    assert_eq!(
        (read.file.format, read.file.header_row, read.file.sheets.len()),
        (exchange::Format::Xlsx, Some(1), 2)
    );
    let days = ["onset", "result", "exposure", "death"].map(|kind| read.with(kind));
    assert_eq!((days, read.saying("source_text")), ([125, 135, 54, 3], 129));
}

#[test]
fn the_workbook_of_pairs_has_a_title_above_its_header_and_a_legend_inside_it() {
    let Some(read) = whole("cn_transmission_pairs_2020/Du_TableS5_medrxiv.xlsx", ListKind::Links, 339) else {
        return;
    };
    assert_eq!(read.file.header_row, Some(2));
    assert!(read.file.notes.iter().any(|note| note.code == "header.titles"));
    let first = &read.links[0];
    assert_eq!(first.infector.case_no.as_deref(), Some("siping-1"));
    assert_eq!(first.infectee.case_no.as_deref(), Some("siping-4"));
    assert_eq!((first.infector.person.sex, first.infectee.person.sex), (Some(Sex::Male), Some(Sex::Male)));
    let days =
        [&first.infector, &first.infectee].map(|case| case.dates.day(DateKind::Onset).unwrap().to_string());
    assert_eq!(days, ["2020-01-25", "2020-01-27"]);
    let both = read.links.iter().filter(|link| {
        [&link.infector, &link.infectee].into_iter().all(|case| case.dates.day(DateKind::Onset).is_some())
    });
    assert_eq!(both.count(), 339);
}

#[test]
fn the_case_notices_keep_their_days_their_pieces_and_every_record() {
    // File, records, pieces of an earlier record, days of onset, days of confirmation.
    for (file, records, pieces, onset, result) in [
        ("11shandong", 505, 195, 272, 288),
        ("13zhongqing", 474, 390, 82, 84),
        ("14fujian", 12, 0, 12, 12),
        ("15tianjin", 118, 1, 116, 117),
        ("16yunnan", 68, 0, 18, 66),
        ("18guangxi", 30, 0, 30, 30),
        ("1anhui", 252, 25, 213, 221),
        ("2henan", 142, 0, 136, 142),
        ("3zhejiang", 855, 54, 242, 471),
        ("5guangdong", 234, 4, 224, 228),
        ("9shanxi", 32, 0, 30, 32),
    ] {
        let path = format!("cn_case_notices_2020/patient_detail/{file}.json");
        let Some(read) = whole(&path, ListKind::Cases, records) else { return };
        assert_eq!(
            (read.with("onset"), read.with("result"), read.continued),
            (onset, result, pieces),
            "{file}"
        );
        // Midnight in China written as UTC: every date column says so, and no case moves to the day before.
        assert!(
            read.mapping
                .notes
                .iter()
                .any(|note| note.code == "date.instants" && note.message.contains("UTC+8"))
        );
    }
    let Some(read) = read("cn_case_notices_2020/patient_detail/15tianjin.json") else { return };
    let first = &read.cases[0];
    assert_eq!(first.dates.day(DateKind::Result).unwrap().to_string(), "2020-01-21");
    assert_eq!(
        (first.case_no.as_deref(), first.residence.names.as_slice()),
        (Some("022000001"), &["天津".to_owned(), "天津市".to_owned(), "西青区".to_owned()][..])
    );
}

#[test]
fn the_tianjin_notices_agree_with_the_tianjin_list_on_103_days_of_confirmation() {
    let Some(notices) = read("cn_case_notices_2020/patient_detail/15tianjin.json") else { return };
    let Some(list) = read("cn_tianjin_2020/Tianjin135cases_revised.csv") else { return };
    let mut linked = 0;
    let mut agreeing = 0;
    for notice in &notices.cases {
        let number: u32 = notice.case_no.as_deref().unwrap().strip_prefix("022000").unwrap().parse().unwrap();
        let Some(case) =
            list.cases.iter().find(|case| case.case_no.as_deref() == Some(&format!("TJ{number}")))
        else {
            continue;
        };
        linked += 1;
        let day = |case: &linelist::CaseDraft| case.dates.day(DateKind::Result);
        agreeing += usize::from(day(notice).is_some() && day(notice) == day(case));
    }
    assert_eq!((linked, agreeing), (118, 103));
}

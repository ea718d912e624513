//! SORMAS and Go.Data exports, recognised by themselves. The files here are invented; only their column names
//! are real.

mod shared;

use cases::{Classification, ContactClass, DateKind, Outcome, Sex};
use linelist::{DateFormat, ListKind};
use shared::read_bytes;

#[test]
fn a_sormas_case_export_is_recognised_below_its_class_row_and_beside_its_caption_row() {
    let text = "\u{FEFF}CaseData,CaseData,Person,Person,Person,Person,CaseData,CaseData,CaseData,CaseData,Symptoms,Hospitalization,Location,Location\n\
        uuid,disease,person.firstName,person.lastName,person.sex,person.approximateAge,reportDate,responsibleRegion,responsibleDistrict,caseClassification,symptoms.onsetDate,hospitalization.admissionDate,person.address.region,person.address.city\n\
        ##Case ID,Disease,First name,Last name,Sex,Age,Date of report (M/d/yyyy),Responsible region,Responsible district,Case classification,Date of symptom onset (M/d/yyyy),Date of admission (M/d/yyyy),Region,City\n\
        AAAAAA-BBBBBB,CORONAVIRUS,Anna,Probe,FEMALE,34,3/4/2021,Nordland,Hafen,CONFIRMED,3/1/2021,,Nordland,Hafen\n\
        CCCCCC-DDDDDD,Cholera,Otto,Muster,Male,7,3/5/2021,Nordland,Hafen,Not yet classified,3/2/2021,3/5/2021,Nordland,Hafen\n";
    let read = read_bytes("sormas_cases.csv", text.as_bytes().to_vec());
    assert_eq!(
        (read.mapping.recognised.as_deref(), read.mapping.kind),
        (Some("sormas_case_export"), ListKind::Cases)
    );
    // The caption says month first; without it all these days would fit both orders.
    assert_eq!(read.mapping.questions(), []);
    assert_eq!(read.column("reportDate").date.as_ref().unwrap().chosen, Some(DateFormat::Mdy));
    // The caption row is skipped, and counted.
    assert_eq!((read.drafts(), read.blank, read.errors()), (2, 1, 0));
    let first = &read.cases[0];
    assert_eq!(
        (first.case_no.as_deref(), first.person.name.as_deref()),
        (Some("AAAAAA-BBBBBB"), Some("Anna Probe"))
    );
    assert_eq!(
        (first.person.sex, first.classification),
        (Some(Sex::Female), Some(Classification::Confirmed))
    );
    assert_eq!(first.dates.day(DateKind::Onset).unwrap().to_string(), "2021-03-01");
    assert_eq!(first.dates.day(DateKind::Report).unwrap().to_string(), "2021-03-04");
    assert_eq!(read.cases[1].classification, None);
}

#[test]
fn a_sormas_line_listing_in_german_separates_with_semicolons_and_dots() {
    let text = "disease;person.firstName;person.lastName;person.sex;person.birthdateDD;person.birthdateMM;person.birthdateYYYY;epidNumber;reportDate;responsibleRegion;responsibleDistrict;symptoms.onsetDate\n\
        CORONAVIRUS;Anna;Probe;FEMALE;29;2;1984;;04.03.2021;Nordland;Hafen;01.03.2021\n\
        CORONAVIRUS;Jörg;Muster;MALE;30;2;1984;;05.03.2021;Nordland;Hafen;02.03.2021\n";
    let bytes = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let read = read_bytes("linelisting.csv", bytes);
    assert_eq!(read.mapping.recognised.as_deref(), Some("sormas_line_listing"));
    assert_eq!((read.file.delimiter, read.file.encoding.as_deref()), (Some(';'), Some("windows-1252")));
    assert_eq!(read.cases[0].person.birth.as_ref().unwrap().day.to_string(), "1984-02-29");
    assert_eq!(read.cases[0].dates.day(DateKind::Onset).unwrap().to_string(), "2021-03-01");
    // 30 February: the person is kept, the birth date is not made up.
    assert_eq!(
        (read.cases[1].person.name.as_deref(), &read.cases[1].person.birth),
        (Some("Jörg Muster"), &None)
    );
    assert_eq!(read.codes()["date.no_such_day"], 1);
}

#[test]
fn a_sormas_contact_export_is_a_list_of_contacts() {
    let text = "uuid,sourceCaseUuid,disease,contactClassification,firstContactDate,lastContactDate,person.firstName,person.lastName,person.sex,reportDateTime,contactStatus\n\
        K1,AAAAAA-BBBBBB,CORONAVIRUS,HIGH_RISK,,2021-03-02,Ida,Probe,FEMALE,2021-03-04,ACTIVE\n";
    let read = read_bytes("contacts.csv", text.as_bytes().to_vec());
    assert_eq!((read.mapping.recognised.as_deref(), read.contacts.len()), (Some("sormas_contact_export"), 1));
    let contact = &read.contacts[0];
    assert_eq!(
        (contact.contact_no.as_deref(), contact.source_case_no.as_deref()),
        (Some("K1"), Some("AAAAAA-BBBBBB"))
    );
    assert_eq!(contact.last_exposure.as_ref().unwrap().day.to_string(), "2021-03-02");
    assert_eq!(read.codes().get("value.unknown"), None);
    assert_eq!(contact.class, Some(ContactClass::Close));
}

#[test]
fn go_data_cases_are_recognised_by_label_by_path_and_as_nested_json() {
    let labels = "Case ID,First name,Last name,Gender,Age Years,Classification,Date of onset,Date of reporting,Date of infection,Outcome,Date of outcome,Addresses Country [1],Addresses City [1],Addresses Location [1]\n\
        GD-1,Anna,Probe,Female,34,Confirmed,2021-03-01T00:00:00.000Z,2021-03-04T00:00:00.000Z,,Deceased,2021-03-09T00:00:00.000Z,China,Taigu,Mingxing\n";
    let paths = "visualId,firstName,lastName,gender,age years,classification,dateOfOnset,dateOfReporting,dateOfInfection,outcomeId,dateOfOutcome,addresses country [1],addresses city [1],addresses locationId [1]\n\
        GD-1,Anna,Probe,LNG_REFERENCE_DATA_CATEGORY_GENDER_FEMALE,34,LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_CONFIRMED,2021-03-01,2021-03-04,,LNG_REFERENCE_DATA_CATEGORY_OUTCOME_DECEASED,2021-03-09,China,Taigu,Mingxing\n";
    let json = r#"[{"visualId": "GD-1", "firstName": "Anna", "lastName": "Probe", "gender": "Female", "age": {"years": 34, "months": 0},
        "classification": "Confirmed", "dateOfOnset": "2021-03-01T00:00:00.000Z", "dateOfReporting": "2021-03-04T00:00:00.000Z",
        "outcomeId": "Deceased", "dateOfOutcome": "2021-03-09T00:00:00.000Z", "addresses": [{"city": "Taigu"}]}]"#;
    for (name, text) in [("labels.csv", labels), ("paths.csv", paths), ("cases.json", json)] {
        let read = read_bytes(name, text.as_bytes().to_vec());
        assert_eq!(read.mapping.recognised.as_deref(), Some("godata_case"), "{name}");
        assert_eq!((read.drafts(), read.codes().len()), (1, 0), "{name}: {:?}", read.problems);
        let case = &read.cases[0];
        assert_eq!(
            (case.case_no.as_deref(), case.person.name.as_deref()),
            (Some("GD-1"), Some("Anna Probe")),
            "{name}"
        );
        assert_eq!((case.person.sex, case.person.age_years), (Some(Sex::Female), Some(34.0)), "{name}");
        assert_eq!(
            (case.classification, case.outcome),
            (Some(Classification::Confirmed), Some(Outcome::Died)),
            "{name}"
        );
        let days = [DateKind::Onset, DateKind::Report, DateKind::Death]
            .map(|kind| case.dates.day(kind).unwrap().to_string());
        assert_eq!(days, ["2021-03-01", "2021-03-04", "2021-03-09"], "{name}");
    }
}

#[test]
fn go_data_contacts_are_contacts() {
    let text = "visualId,firstName,lastName,gender,dateOfLastContact,riskLevel,dateOfReporting\n\
        C-1,Ida,Probe,Female,2021-03-02T00:00:00.000Z,,2021-03-04T00:00:00.000Z\n";
    let read = read_bytes("contacts.csv", text.as_bytes().to_vec());
    assert_eq!((read.mapping.recognised.as_deref(), read.contacts.len()), (Some("godata_contact"), 1));
    assert_eq!(read.contacts[0].last_exposure.as_ref().unwrap().day.to_string(), "2021-03-02");
}

//! The tables made again from the journal alone. Every scene ends with that; here, tables that do not follow from it.

use scenes::{TAIGU, Town, both};

both!(
    a_record_that_was_edited_past_the_program_is_named,
    what_an_undone_import_restored_is_told_again_after_the_person_was_erased,
);

async fn a_record_that_was_edited_past_the_program_is_named(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    let (first, second) = (zhang.reports(TAIGU, "C1").await, zhang.reports(TAIGU, "C2").await);
    assert_eq!(town.differs_from_its_journal(), Vec::<String>::new());

    town.disk.tamper(&format!("UPDATE cases_case SET age = 14, outcome = 'died' WHERE id = '{}'", first.id));
    let edited = format!("cases_case {}: differs from the journal in age, outcome", first.id);
    assert_eq!(town.differs_from_its_journal(), std::slice::from_ref(&edited));

    town.disk.tamper(&format!("DELETE FROM cases_state WHERE case_id = '{}'", second.id));
    let dropped = format!("cases_state {} 0: the journal tells of it, the table does not have it", second.id);
    assert_eq!(town.differs_from_its_journal(), [edited.clone(), dropped.clone()]);

    town.disk.tamper(
        "INSERT INTO cases_link (id, territory, from_case, to_case, evidence, created) \
         VALUES ('link_x', '14', 'case_x', 'case_y', 'named', 1)",
    );
    let planted = "cases_link link_x: no row of the journal wrote it".to_owned();
    assert_eq!(town.differs_from_its_journal(), [edited, planted, dropped]);
}

const FIRST: &str = "case_no,name,sex,age,onset date,county\nL1,Ilse Invented,female,31,2022-02-11,太谷区\n";

async fn what_an_undone_import_restored_is_told_again_after_the_person_was_erased(town: &mut Town) {
    let zhang = town.person("epidemiologist", TAIGU).await;
    zhang.imports("list.csv", FIRST).await;
    let revised = zhang.uploads("list.csv", FIRST.replace("31", "41").into_bytes()).await;
    let done = zhang.runs_import(&revised, "apply").await;
    assert_eq!(done["report"]["updated"], 1);
    let id = done["id"].as_str().expect("an import");
    let undo = serde_json::json!({ "reason": "the wrong file" });
    let undone = zhang.post(&format!("/api/imports/{id}/undo"), undo).await.ok();
    assert_eq!(undone["undone"]["restored"], 1);

    // What an erasure takes: the key, and the marks that were made of what it opens.
    town.disk.tamper("DELETE FROM people_key WHERE owner LIKE 'subject%'; DELETE FROM people_mark");
    assert_eq!(town.differs_from_its_journal(), Vec::<String>::new());
}

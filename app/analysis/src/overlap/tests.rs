use super::*;

fn settings(json: &str) -> Settings {
    crate::config::config_of(serde_json::from_str(json).unwrap()).unwrap()
}

fn table(text: &str) -> Table {
    Table::parse(text.as_bytes()).unwrap()
}

fn rows(sheet: &Sheet) -> Vec<String> {
    sheet.rows.iter().map(|row| row.iter().map(Cell::text).collect::<Vec<_>>().join(",")).collect()
}

const VISITS: &str = "subject,place,kind,from,to,give_or_take\n\
    C1,canteen,canteen,2022-02-21 12:00,2022-02-21 12:40,\n\
    P1,canteen,canteen,2022-02-21 12:20,2022-02-21 13:00,\n\
    P2,canteen,canteen,2022-02-21 12:50,2022-02-21 13:20,\n\
    P3,canteen,canteen,2022-02-21 12:10,2022-02-21 12:30,5\n\
    P4,canteen,canteen,2022-02-21,2022-02-21,\n\
    P5,bus 3,bus,2022-02-21 12:00,2022-02-21 12:40,\n\
    C1,canteen,canteen,2022-02-18 12:00,2022-02-18 12:40,\n\
    P6,canteen,canteen,2022-02-18 12:00,2022-02-18 12:40,\n\
    P7,canteen,canteen,2022-02-21 12:00,2022-02-21 11:00,\n\
    P8,canteen,canteen,1982-02-21 12:00,2022-02-21 13:00,\n";
const CASES: &str = "case,onset,isolated\nC1,2022-02-22,2022-02-24\n";

#[test]
fn the_gap_of_the_place_and_the_days_of_the_case_decide_who_was_exposed() {
    let settings = settings(r#"{"gap_minutes_by_kind": {"canteen": 10}, "known_until": "2022-02-28"}"#);
    let sheet = by_place(&table(VISITS), &table(CASES), &settings, None).unwrap();
    assert_eq!(
        rows(&sheet),
        [
            "C1,P4,0,canteen,canteen,2022-02-21 12:00,0,40,0,-1",
            "C1,P3,0,canteen,canteen,2022-02-21 12:05,10,30,0,-1",
            "C1,P1,0,canteen,canteen,2022-02-21 12:20,20,20,0,-1",
            "C1,P2,0,canteen,canteen,2022-02-21 12:50,0,0,10,-1",
        ]
    );
}

#[test]
fn looking_back_asks_who_was_there_before_the_case() {
    let visits = "subject,place,from,to\nC1,shop,2022-02-15 12:00,2022-02-15 12:30\n\
        P1,shop,2022-02-15 11:00,2022-02-15 11:50\nP2,shop,2022-02-15 12:40,2022-02-15 13:00\n";
    let settings = settings(
        r#"{"looking": "back", "look_back_days": 14, "gap_minutes": 15, "known_until": "2022-02-28"}"#,
    );
    let sheet = by_place(&table(visits), &table(CASES), &settings, None).unwrap();
    assert_eq!(rows(&sheet), ["C1,P1,0,shop,NA,2022-02-15 12:00,0,0,10,-7"]);
}

#[test]
fn metres_are_counted_whichever_map_told_them() {
    // One square: as a receiver tells it, as Amap does, and 300 m away.
    let visits = "subject,lat,lon,datum,from,to\n\
        C1,39.90105,116.42079,wgs84,2022-02-21 12:00,2022-02-21 13:00\n\
        P1,39.90245,116.42703,GCJ-02,2022-02-21 12:30,2022-02-21 13:30\n\
        P2,39.90385,116.42079,wgs84,2022-02-21 12:30,2022-02-21 13:30\n\
        P3,0,0,wgs84,2022-02-21 12:30,2022-02-21 13:30\n";
    let settings = settings(r#"{"known_until": "2022-02-28"}"#);
    let sheet = by_distance(&table(visits), &table(CASES), &settings, None).unwrap();
    assert_eq!(rows(&sheet), ["C1,P1,0,1,2022-02-21 12:30,30,30,0,-1"]);
}

#[test]
fn the_rows_of_the_carriage_are_told_with_those_whose_seat_nobody_knows() {
    let rides = "subject,vehicle,date,carriage,seat\nC1,G601,2022-02-21,05,10C\nP1,g601,2022-02-21,5,12F\n\
        P2,G601,2022-02-21,5,14F\nP3,G601,2022-02-21,5,无座\nP4,G601,2022-02-19,5,10A\nC1,G601,2022-02-19,5,10C\n";
    let sheet = by_seat(&table(rides), &table(CASES), &settings("{}"), None).unwrap();
    assert_eq!(
        rows(&sheet),
        ["C1,P1,0,G601,2022-02-21,rows_apart,2,-1", "C1,P3,0,G601,2022-02-21,same_carriage,NA,-1"]
    );
}

#[test]
fn a_list_without_a_needed_column_or_without_a_usable_row_is_refused() {
    let settings = settings("{}");
    let refused =
        |visits: &str, cases: &str| by_place(&table(visits), &table(cases), &settings, None).err().unwrap();
    assert!(refused("subject,from\nC1,2022-02-21\n", CASES).contains("no column `place`"));
    assert!(refused("subject,place,from\nC1,shop,soon\n", CASES).contains("no row could be used"));
    assert!(
        refused(VISITS, "case,onset,isolated\nC1,2022-02-22,2022-02-01\n").contains("no row could be used")
    );
}

#[test]
fn what_sharing_is_follows_from_the_columns() {
    for (columns, shown) in [
        ("subject,vehicle,date", By::Seat),
        ("subject,text", By::Seat),
        ("subject,place,text,from,to", By::Place),
        ("subject,lat,lon,text,from,to", By::Distance),
        ("subject,place,lat,lon,from,to", By::Place),
        ("subject,lat,lon,from,to", By::Distance),
    ] {
        assert_eq!(shown_by(&table(&format!("{columns}\n"))), shown, "{columns}");
    }
}

#[test]
fn a_list_of_rides_without_its_column_says_which_one() {
    let refused = |text: &str| by_seat(&table(text), &table(CASES), &settings("{}"), None).err().unwrap();
    let told = refused("subject,train,date\nC1,G601,2022-02-21\n");
    assert!(told.contains("no column `vehicle`"), "{told}");
    let told = refused("subject,Vehicle,VEHICLE,text,date\nC1,G601,G601,G601,2022-02-21\n");
    assert!(told.contains("`vehicle` could be any of"), "{told}");
}

#[test]
fn a_day_in_words_is_the_one_nearest_to_the_day_of_the_row() {
    let told = "subject,date,text\nC1,2022-02-20,2月21日乘G601\nP1,2022-02-22,2月21日G601\nP2,2022-02-22,2021年2月21日G601\n";
    let settings = settings(r#"{"known_until": "2022-02-28"}"#);
    let sheet = by_seat(&table(told), &table(CASES), &settings, None).unwrap();
    assert_eq!(rows(&sheet), ["C1,P1,0,G601,2022-02-21,same_vehicle,NA,-1"]);
}

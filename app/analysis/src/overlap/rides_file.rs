//! Rides: who was on which run of which train, bus or aeroplane, and in which seat.

use crate::account::RowAccount;
use crate::column_days::{ColumnDays, Order};
use crate::names::Names;
use crate::table::{Column, Row, Table};
use base::Day;
use trace::overlap::{Ride, Seat, told_rides, vehicle_number};

pub struct Rides {
    pub subjects: Names,
    pub runs: Names,
    pub rides: Vec<Ride>,
}

/// Columns: `subject`, `vehicle` (the train or flight), `date`, and when known `carriage`, `seat`, `stop_on`, `stop_off` (numbers of
/// the stops on the way).
pub fn read_rides(table: &Table, dates: Option<Order>) -> Result<Rides, String> {
    let (subject, vehicle) = (table.column("subject")?, table.column("vehicle")?);
    let days = ColumnDays::of(table, table.column("date")?, dates)?;
    let (carriage, seat) = (table.optional("carriage")?, table.optional("seat")?);
    let stops = table.optional("stop_on")?.zip(table.optional("stop_off")?);
    let mut all = Rides { subjects: Names::default(), runs: Names::default(), rides: Vec::new() };
    let mut account = RowAccount::of(table);
    for row in table.rows() {
        let (Some(who), Some(run)) = (row.says(subject), row.says(vehicle)) else {
            account.left_out("no subject or no vehicle; write both", format!("row {}", row.number));
            continue;
        };
        let day = match days.day(row) {
            Ok(Some(day)) => day,
            Ok(None) => {
                account.left_out("no date; write the day it set out", format!("row {}", row.number));
                continue;
            }
            Err(why) => {
                account.left_out("a date that cannot be read; mend it", why);
                continue;
            }
        };
        let (on, off) =
            stops.map_or((None, None), |(on, off)| (number(row, Some(on)), number(row, Some(off))));
        if on.zip(off).is_some_and(|(on, off)| off <= on) {
            account.left_out("got off before getting on; exchange the stops", format!("row {}", row.number));
            continue;
        }
        all.rides.push(Ride {
            row: row.number,
            subject: all.subjects.number(who),
            run: all.runs.number(&vehicle_number(run)),
            day,
            carriage: number(row, carriage),
            seat: seat.and_then(|column| row.says(column)).and_then(Seat::read),
            stops: on.zip(off),
        });
        account.used();
    }
    account.print("rides");
    account.refuse_nothing("rides")?;
    Ok(all)
}

/// Columns: `subject`, `text` that names trains and flights, and when known `date`. A day that the text itself says before the vehicle
/// counts more than that of the column; `until` is the last day the list can speak of.
pub fn read_told_rides(table: &Table, dates: Option<Order>, until: Day) -> Result<Rides, String> {
    let (subject, text) = (table.column("subject")?, table.column("text")?);
    let days = table.optional("date")?.map(|date| ColumnDays::of(table, date, dates)).transpose()?;
    let mut all = Rides { subjects: Names::default(), runs: Names::default(), rides: Vec::new() };
    let mut account = RowAccount::of(table);
    for row in table.rows() {
        let (Some(who), Some(text)) = (row.says(subject), row.says(text)) else {
            account.left_out("no subject or no text; write both", format!("row {}", row.number));
            continue;
        };
        let stated = match days.as_ref().map(|days| days.day(row)).transpose() {
            Ok(day) => day.flatten(),
            Err(why) => {
                account.left_out("a date that cannot be read; mend it", why);
                continue;
            }
        };
        let told = told_rides(text);
        if told.is_empty() {
            account.left_out("no train or flight is named", format!("row {}", row.number));
            continue;
        }
        let mut aboard = false;
        for ride in told {
            let Some(day) = ride.day(stated, until) else { continue };
            aboard = true;
            all.rides.push(Ride {
                row: row.number,
                subject: all.subjects.number(who),
                run: all.runs.number(&ride.vehicle),
                day,
                carriage: ride.carriage,
                seat: ride.seat,
                stops: None,
            });
        }
        if aboard {
            account.used();
        } else {
            account.left_out(
                "a train or flight without a day, or with one to come; write the day",
                format!("row {}", row.number),
            );
        }
    }
    account.print("texts");
    account.refuse_nothing("texts")?;
    Ok(all)
}

/// `05`, `5车`; `None` for what holds no number.
fn number(row: &Row, column: Option<Column>) -> Option<u16> {
    let digits: String = row.says(column?)?.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

//! The program as it is started on a machine: killed, given bad files, asked for answers that are known.

mod backups;
mod bad_input;
mod bombs;
mod desk;
mod dry_run;
mod journal;
mod killed;
mod known_answers;
mod open_to_nobody;
mod sealed;
mod served;
mod slow;
mod survives;
mod tls;
mod too_much;
mod turned;
mod upgraded;

//! The program as it is started on a machine: killed, given bad files, asked for answers that are known.

mod backups;
mod bad_input;
mod desk;
mod dry_run;
mod killed;
mod known_answers;
mod sealed;
mod served;
mod survives;
mod tls;
mod turned;
mod upgraded;

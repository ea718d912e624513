//! Scenes: people doing things through HTTP, each on SQLite and on PostgreSQL. One file per noun.

mod access;
mod backups;
mod cases;
mod checkpoints;
mod contacts;
mod events;
mod first_run;
mod imports;
mod journal;
mod keys;
mod links;
mod live;
mod once;
mod retold;
mod scope;
mod sealing;
mod second_person;
mod session;
mod small_counts;
mod statements;
mod tampered;
mod throttle;
mod upgrades;

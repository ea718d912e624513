//! The walls of the house: what may depend on what, where SQL stands, which tables a room touches. Each rule says why it
//! is there; a known exception is written down with its reason, and one that is no longer needed fails too.

mod api;
mod arrows;
mod doors;
mod repository;
mod supply;
mod tables;

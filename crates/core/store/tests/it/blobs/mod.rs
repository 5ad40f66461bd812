//! Large bodies outside of the database: on every engine.

pub(crate) mod bed;
mod collecting;
mod damage;
mod encrypted;
mod faults;
mod huge;
mod killed;
mod lying;
mod past;
mod past_races;
mod races;
mod streams;

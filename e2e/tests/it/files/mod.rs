//! Clients that take the drive for what it is: folders and files over WebDAV.

mod browser;
mod by_hand;
mod command;
mod full;
mod history;
mod libreoffice;
mod litmus;
mod memory;
mod mount;
mod public;
mod ranges;
mod rclone;
mod sums;
mod trash;

/// Where Anna's files are.
pub(crate) const DRIVE: &str = "/dav/files/anna/";

//! A network of two machines that are one: a namespace on a cable that can be pulled (ip-netns(8), veth(4)).

use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

use crate::tools::{debian, is_root};
use crate::{Ran, run};

/// The other machine, gone when dropped.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    cable: String,
    address: Ipv4Addr,
}

impl Namespace {
    /// `None` where we may not make one, as in many containers.
    pub fn new() -> Option<Namespace> {
        if !is_root() {
            return None;
        }
        let id = std::process::id();
        let (name, cable) = (format!("kontor-{id}"), format!("kontor{}", id % 1_000_000));
        // Addresses for tests of networks (RFC 2544), four to each of us.
        let near = 0xc612_0000 | (id % 0x7fff) << 2 | 1;
        let us = Namespace { name, cable, address: Ipv4Addr::from(near + 1) };
        let (name, cable) = (us.name.as_str(), us.cable.as_str());
        let (near, far) = (format!("{}/30", Ipv4Addr::from(near)), format!("{}/30", us.address));
        let steps = [
            vec!["netns", "add", name],
            vec!["link", "add", cable, "type", "veth", "peer", "name", "far", "netns", name],
            vec!["address", "add", &near, "dev", cable],
            vec!["link", "set", cable, "up"],
            vec!["-n", name, "address", "add", &far, "dev", "far"],
            vec!["-n", name, "link", "set", "far", "up"],
            vec!["-n", name, "link", "set", "lo", "up"],
        ];
        steps.iter().all(|step| ip(step).ok).then_some(us)
    }

    /// Where the other machine is.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Pulls the cable out there: what is sent is lost, and nobody is told.
    pub fn cut(&self) {
        ip(&["-n", &self.name, "link", "set", "far", "down"]).said_if_ok();
    }

    /// Puts it in again.
    pub fn heal(&self) {
        ip(&["-n", &self.name, "link", "set", "far", "up"]).said_if_ok();
    }

    /// What runs a program over there.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&["link", "delete", &self.cable]);
        ip(&["netns", "delete", &self.name]);
    }
}

fn ip(args: &[&str]) -> Ran {
    run(Command::new(debian("ip", "iproute2")).args(args), "", Duration::from_secs(60))
}

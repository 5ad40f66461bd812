//! Putting the office into a server.

use super::hammer::hammer_count;
use super::http::Client;
use super::load::{Office, card};
use super::server::{Kind, Server};
use crate::shell::{program, run};
use std::path::Path;

impl Server {
    /// Puts the office in, by the quickest way that the server has.
    pub(super) fn fill(&mut self, office: &Office) -> Result<(), String> {
        match self.kind {
            Kind::Kontor | Kind::Postgres => {
                self.put_all(self.calendar(), office.events.len(), &|n| {
                    office.events.get(n).map(|event| (event.name(), event.text())).unwrap_or_default()
                })?;
                self.put_all(self.addressbook(), office.cards, &|n| (format!("card-{n}.vcf"), card(n)))
            }
            Kind::Radicale => self.fill_radicale(office),
            Kind::Xandikos => self.fill_xandikos(office),
        }
    }

    /// PUTs `count` items over 16 connections.
    pub(super) fn put_all(
        &self,
        path: &str,
        count: usize,
        item: &(dyn Fn(usize) -> (String, String) + Sync),
    ) -> Result<(), String> {
        let clients: Vec<Client> = (0..16).map(|_| self.client()).collect::<Result<_, _>>()?;
        let template = self.client()?;
        let kind = if path.contains("address") { "text/vcard" } else { "text/calendar" };
        let headers = format!("Content-Type: {kind}; charset=utf-8\r\n");
        hammer_count(clients, count, &|n| {
            let (name, text) = item(n);
            template.request("PUT", &format!("{path}{name}"), &headers, text.as_bytes())
        })
    }

    fn fill_radicale(&self, office: &Office) -> Result<(), String> {
        let mut whole = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kontor//Bench//EN\r\n");
        let mut zone = "";
        for event in &office.events {
            let text = event.text();
            if let (Some(from), Some(to)) = (text.find("BEGIN:VEVENT"), text.find("END:VCALENDAR")) {
                whole.push_str(text.get(from..to).unwrap_or_default());
            }
            if text.contains("BEGIN:VTIMEZONE") {
                zone = super::load::BERLIN;
            }
        }
        whole.push_str(zone);
        whole.push_str("END:VCALENDAR\r\n");
        let mut cards = String::new();
        for n in 0..office.cards {
            cards.push_str(&card(n));
        }
        let mut client = self.client()?;
        for (path, kind, body) in
            [(self.calendar(), "text/calendar", whole), (self.addressbook(), "text/vcard", cards)]
        {
            let answer = client.ask("PUT", path, &format!("Content-Type: {kind}\r\n"), body.as_bytes())?;
            if answer.status != 201 {
                return Err(format!("filling radicale: PUT {path}: {}", answer.status));
            }
        }
        Ok(())
    }

    fn fill_xandikos(&mut self, office: &Office) -> Result<(), String> {
        let calendar = self.data.join("bench/calendars/calendar");
        let book = self.data.join("bench/contacts/addressbook");
        let write = |folder: &Path, name: &str, text: &str| {
            std::fs::write(folder.join(name), text).map_err(|e| format!("filling xandikos: {e}"))
        };
        for event in &office.events {
            write(&calendar, &event.name(), &event.text())?;
        }
        for n in 0..office.cards {
            write(&book, &format!("card-{n}.vcf"), &card(n))?;
        }
        for folder in [&calendar, &book] {
            let git = format!(
                "cd '{}' && git add -A && git -c user.name=b -c user.email=b@example.com commit -qm fill",
                folder.display()
            );
            run(program("sh", &["-c", &git]))?;
        }
        Ok(())
    }
}

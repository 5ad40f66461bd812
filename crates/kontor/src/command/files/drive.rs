//! The door to files of a running server, or of one that is opened for this command.

use crate::command::Place;
use crate::remote::{self, Reply, Request, Sent};
use crate::{Outcome, office, socket};
use kontor_door_dav::DavDoor;
use kontor_listen::{Listener, Routes, Server};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a command waits for a server that is just starting or ending.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where something is: an account, and names from the top of its drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    names: Vec<String>,
    /// Written with a slash at the end.
    folder: bool,
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<String> = text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if names.is_empty() || text.starts_with('/') {
            return Err("it begins with the name of an account, such as anna/letters".to_owned());
        }
        Ok(Self { names, folder: text.ends_with('/') })
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join("/"))
    }
}

impl At {
    /// The last name, unless it is an account alone.
    pub(super) fn name(&self) -> Option<&str> {
        if self.names.len() > 1 { self.names.last().map(String::as_str) } else { None }
    }

    /// The same, or what is named like `file` in it, if it was written as a folder.
    pub(super) fn or_named(&self, file: &Path) -> Outcome<Self> {
        if !self.folder && self.names.len() > 1 {
            return Ok(self.clone());
        }
        let name = file.file_name().and_then(|name| name.to_str()).filter(|name| *name != "-");
        let name = name.ok_or_else(|| "say under which name: ACCOUNT/FOLDER/NAME".to_owned())?;
        let names = self.names.iter().cloned().chain([name.to_owned()]).collect();
        Ok(Self { names, folder: false })
    }

    fn target(&self) -> String {
        let mut target = "/dav/files".to_owned();
        for name in &self.names {
            target.push('/');
            target.push_str(&encoded(name));
        }
        target
    }
}

/// Percent-encoded, whatever is not surely harmless.
fn encoded(name: &str) -> String {
    name.bytes().fold(String::with_capacity(name.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// A row of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Bytes; `None` for a folder.
    pub(super) size: Option<u64>,
    /// RFC 3339, UTC.
    pub(super) modified: String,
    /// Empty for a folder.
    pub(super) media_type: String,
}

#[derive(Deserialize)]
struct Listing {
    entries: Vec<Entry>,
    next: Option<String>,
}

/// The way to the door.
pub(super) struct Drive<'a> {
    socket: &'a Path,
}

/// Does something with the files of the office, wherever that is: at the running server, or by opening the folder.
pub(super) fn with<T>(place: &Place, work: impl Fn(&Drive<'_>) -> Outcome<T>) -> Outcome<T> {
    let path = socket::admin_path(&place.data);
    let drive = Drive { socket: &path };
    let begun = Instant::now();
    loop {
        if remote::is_there(&path)? {
            return work(&drive);
        }
        if let Some(done) = opened(place, || work(&drive))? {
            return Ok(done);
        }
        if begun.elapsed() > PATIENCE {
            let text = format!(
                "another process uses {}, but its admin socket does not answer",
                place.data.display()
            );
            return Err(text.into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Opens the folder and serves files on its admin socket while `work` goes on; `None` if another process has it.
fn opened<T>(place: &Place, work: impl FnOnce() -> Outcome<T>) -> Outcome<Option<T>> {
    if !place.data.is_dir() {
        let text =
            format!("there is no data folder {}; `user create` or `serve` makes one", place.data.display());
        return Err(text.into());
    }
    let applied = place.configuration()?.apply()?;
    let runtime = office::runtime()?;
    let begun = runtime.block_on(async {
        let opened = match office::open(&place.data, &applied).await {
            Ok(opened) => opened,
            Err(None) => return Ok(None),
            Err(Some(why)) => return Err(crate::Failure::from(why)),
        };
        let (listener, held) = socket::admin(&place.data)?;
        let door = DavDoor::for_owner(opened.office.clone(), applied.dav.clone(), held.owner);
        let server =
            Server::new(applied.listen.clone(), Routes::new().with("/dav/files", "files", Arc::new(door)));
        let listener = Listener::unix(listener)?;
        let serving = server.clone();
        tokio::spawn(async move { serving.serve(listener).await });
        Ok(Some((opened, server, held)))
    })?;
    let Some((opened, server, held)) = begun else { return Ok(None) };
    let done = work();
    let closed = runtime.block_on(async {
        server.stop().await;
        office::close(opened).await
    });
    drop(held);
    let done = done?;
    closed.map(|()| Some(done))
}

impl Drive<'_> {
    /// Asks, and says in words what was refused.
    pub(super) fn ask(
        &self,
        method: &str,
        at: &At,
        query: &str,
        headers: &[(&str, &str)],
        body: Option<Sent<'_>>,
    ) -> Outcome<Reply> {
        let target = at.target() + query;
        let reply = remote::exchange(self.socket, &Request { method, target: &target, headers }, body)?;
        let reply = reply.ok_or_else(|| "the server went away".to_owned())?;
        match reply.status {
            200..=399 => Ok(reply),
            404 | 409 if method == "PUT" => {
                Err(format!("the account or the folder that {at} shall lie in is not there").into())
            }
            404 => Err(format!("there is no {at}").into()),
            405 => Err(format!("{at} is a folder, or cannot be one").into()),
            412 => Err(format!("{at} is there already: --replace replaces it").into()),
            423 => Err(format!("{at} is locked by somebody who works on it").into()),
            status => {
                let said = reply.text().unwrap_or_default();
                let said = String::from_utf8_lossy(&said);
                // What is said for people is the text in the body; the rest is for clients.
                let why = said.split("responsedescription>").nth(1).and_then(|text| text.split('<').next());
                match (status, why) {
                    // The account may hold no more, or the disk is full.
                    (507, Some(why)) => Err(format!("{at}: {why}").into()),
                    _ => Err(format!(
                        "{at}: refused with status {status}: {}",
                        why.unwrap_or("no reason given")
                    )
                    .into()),
                }
            }
        }
    }

    /// All that is in a folder.
    pub(super) fn list(&self, at: &At) -> Outcome<Vec<Entry>> {
        let mut all = Vec::new();
        let mut query = "/".to_owned();
        loop {
            let reply = self.ask("GET", at, &query, &[("Accept", "application/json")], None)?;
            if reply.header("content-type") != Some("application/json") || reply.header("etag").is_some() {
                return Err(format!("{at} is a file, not a folder").into());
            }
            let text = reply.text().map_err(|error| format!("the server broke off: {error}"))?;
            let listing: Listing = serde_json::from_slice(&text)
                .map_err(|error| format!("the server's answer is not understood: {error}"))?;
            all.extend(listing.entries);
            match listing.next {
                Some(next) => query = format!("/?after={}", encoded(&next)),
                None => return Ok(all),
            }
        }
    }

    /// Whether a folder is there. The door leads on to the path with a slash.
    pub(super) fn is_folder(&self, at: &At) -> Outcome<bool> {
        Ok(self.ask("HEAD", at, "", &[], None)?.status == 308)
    }

    /// Removes what is there.
    pub(super) fn remove(&self, at: &At) -> Outcome {
        self.ask("DELETE", at, "", &[], None).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_an_account_and_what_it_has() {
        let at = |text: &str| text.parse::<At>();
        assert_eq!(at("anna/a b//\u{e9}?").unwrap().target(), "/dav/files/anna/a%20b/%C3%A9%3F");
        assert!(at("").is_err() && at("/").is_err() && at("/anna").is_err());
        let named = |text: &str, file: &str| {
            at(text).unwrap().or_named(Path::new(file)).ok().map(|at| at.to_string())
        };
        assert_eq!(named("anna", "x/y.txt").as_deref(), Some("anna/y.txt"));
        assert_eq!(named("anna/a/", "y.txt").as_deref(), Some("anna/a/y.txt"));
        assert_eq!(named("anna/a", "y.txt").as_deref(), Some("anna/a"));
        assert_eq!(named("anna/a/", "-"), None);
    }
}

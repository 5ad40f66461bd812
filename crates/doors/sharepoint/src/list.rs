//! Lists: what of the office is one, and how clients name it.

use crate::fault::Refusal;
use crate::route::{ListPath, ROOT, Site, list_path, segment};
use crate::session::Session;
use crate::{documents, token};
use kontor_groupware::{Asker, DRIVE, Office, Place, Select};
use kontor_ical::zone::Zone;
use kontor_model::{Components, Error, Kind, PropertyKey, Right, Timestamp, Version};
use kontor_wire_sharepoint::Guid;
use kontor_wire_sharepoint::link::Link;
use kontor_wire_sharepoint::list::{Definition, ListKind, Place as ListPlace, Regional};
use std::collections::HashMap;

/// Kinds of collections that are lists.
pub(crate) const KINDS: [Kind; 4] = [Kind::Calendar, Kind::Tasks, Kind::Contacts, Kind::Files];

/// What a list is made of.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A collection.
    Collection(Place),
    /// Everybody in the directory, as contacts.
    Employees,
    /// Everybody in the directory, as users of the site.
    People,
}

/// One list.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) source: Source,
    pub(crate) kind: ListKind,
    pub(crate) guid: Guid,
    pub(crate) title: String,
    /// Its number when it was found.
    pub(crate) version: Version,
    /// The zone of its regional settings.
    pub(crate) zone: Zone,
}

impl List {
    fn employees() -> Self {
        let (kind, guid) = (ListKind::Contacts, token::EMPLOYEES);
        let title = "Employees".to_owned();
        Self { source: Source::Employees, kind, guid, title, version: Version::ZERO, zone: Zone::utc() }
    }

    fn people() -> Self {
        let (kind, guid) = (ListKind::People, token::PEOPLE);
        let title = "User Information List".to_owned();
        Self { source: Source::People, kind, guid, title, version: Version::ZERO, zone: Zone::utc() }
    }

    fn of(place: Place, version: Version) -> Option<Self> {
        let kind = kind_of(&place)?;
        let guid = token::list_guid(place.collection.account, place.collection.id);
        let (title, zone) = (title_of(&place), zone_of(&place));
        Some(Self { source: Source::Collection(place), kind, guid, title, version, zone })
    }

    /// The collection, if it is one.
    pub(crate) const fn place(&self) -> Option<&Place> {
        match &self.source {
            Source::Collection(place) => Some(place),
            Source::Employees | Source::People => None,
        }
    }

    /// What is read of its items. Nothing in a document is a field.
    pub(crate) const fn select(&self) -> Select {
        if matches!(self.kind, ListKind::Documents) { Select::Meta } else { Select::Body }
    }

    /// Whether the asker may change something in it. For display only: what is really allowed is decided when somebody tries.
    pub(crate) fn is_writable(&self) -> bool {
        const CHANGES: [Right; 4] = [Right::Insert, Right::EditAll, Right::EditOwn, Right::DeleteAll];
        let rights = self.place().filter(|_| self.kind != ListKind::Documents).map(|place| place.rights);
        rights.is_some_and(|rights| CHANGES.into_iter().any(|right| rights.has(right)))
    }

    /// Whether a view is its only one; an empty name means that, too (MS-LISTSWS 3.1.4.16, rules 4 to 6).
    ///
    /// # Errors
    /// A parameter that is no GUID; no such view.
    pub(crate) fn has_view(&self, name: &str) -> Result<(), Refusal> {
        match name.trim() {
            "" => Ok(()),
            name => match name.parse::<Guid>() {
                Ok(guid) if guid == self.guid => Ok(()),
                Ok(_) => Err(Refusal::no_view()),
                Err(()) => Err(Refusal::bad_view()),
            },
        }
    }

    /// Its path, without slash at the end.
    pub(crate) fn path(&self) -> String {
        match &self.source {
            Source::Collection(place) => {
                let collection = &place.collection;
                list_path(place.owner.name.as_str(), collection.kind, collection.name.as_str())
            }
            Source::Employees => format!("{ROOT}/employees"),
            Source::People => format!("{ROOT}/users"),
        }
    }

    /// The path of what it holds.
    fn root(&self) -> String {
        match self.place().filter(|_| self.kind == ListKind::Documents) {
            Some(place) => documents::root(place.owner.name.as_str()),
            None => self.path(),
        }
    }

    /// Its definition. Counts what is in it.
    ///
    /// # Errors
    /// Those of the office.
    pub(crate) async fn definition(&self, session: &Session) -> Result<Definition, Refusal> {
        let (items, created, description) = match &self.source {
            Source::Collection(place) => {
                let (items, _) = session.office().usage(&session.asker, place).await?;
                let collection = &place.collection;
                let description = collection.text(PropertyKey::DESCRIPTION).unwrap_or_default();
                (items, collection.created, description.to_owned())
            }
            Source::Employees | Source::People => {
                (session.count_everybody().await?, Timestamp::from_millis(0), String::new())
            }
        };
        Ok(Definition {
            guid: self.guid,
            kind: self.kind,
            title: self.title.clone(),
            description,
            version: self.version.0,
            created: crate::time::compact(created),
            modified: crate::time::compact(session.office().now()),
            items,
            attachments: self.place().is_some() && self.kind != ListKind::Documents,
            place: ListPlace {
                site: session.site.path(),
                web: token::SITE,
                folder: self.path(),
                root: self.root(),
            },
        })
    }

    /// How it counts time.
    pub(crate) fn regional(&self, now: Timestamp) -> Regional {
        Regional { bias: -self.zone.offset_at(now.secs()) / 60, ..Regional::default() }
    }
}

fn kind_of(place: &Place) -> Option<ListKind> {
    match place.collection.kind {
        Kind::Calendar if place.collection.components == Components::TASK => Some(ListKind::Tasks),
        Kind::Calendar => Some(ListKind::Calendar),
        Kind::Tasks => Some(ListKind::Tasks),
        Kind::Contacts => Some(ListKind::Contacts),
        // Folders below are rows of the library that they lie in.
        Kind::Files => place.collection.parent.is_none().then_some(ListKind::Documents),
    }
}

/// The drive that everybody has is named as people call it.
fn title_of(place: &Place) -> String {
    let collection = &place.collection;
    let is_drive = collection.kind == Kind::Files && collection.title() == DRIVE;
    if is_drive { "Documents".to_owned() } else { collection.title().to_owned() }
}

/// The zone that a collection names: by its name, or as an iCalendar object with it.
fn zone_of(place: &Place) -> Zone {
    let text = place.collection.text(PropertyKey::TIME_ZONE).unwrap_or_default();
    let mut lines = text.lines().filter_map(|line| line.trim().strip_prefix("TZID:"));
    Zone::named(lines.next().unwrap_or(text).trim()).unwrap_or_else(Zone::utc)
}

impl Session {
    /// The list of that GUID or title (MS-LISTSWS 3.1.4.22, rules 1 to 3).
    ///
    /// # Errors
    /// No such list, if there is none or none that the asker may see: one answer, so that nothing leaks.
    pub(crate) async fn list(&self, name: &str) -> Result<List, Refusal> {
        if let Ok(guid) = name.parse::<Guid>() {
            return match guid {
                token::EMPLOYEES => Ok(List::employees()),
                token::PEOPLE => Ok(List::people()),
                guid => {
                    let (account, collection) = token::of_list_guid(guid);
                    let place = self.office().place_by_id(&self.asker, account, collection).await;
                    self.seen(place).await
                }
            };
        }
        match name {
            "" => Err(Refusal::no_list()),
            "UserInfo" | "User Information List" => Ok(List::people()),
            _ => self.by_title(name).await,
        }
    }

    async fn by_title(&self, name: &str) -> Result<List, Refusal> {
        let lists = self.lists().await?;
        let exact = lists.iter().position(|list| list.title == name);
        let plain = |list: &List| {
            let own = list.place().map(|place| place.collection.name.as_str());
            list.title.eq_ignore_ascii_case(name) || own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        let at = exact.or_else(|| lists.iter().position(plain)).ok_or_else(Refusal::no_list)?;
        lists.into_iter().nth(at).ok_or_else(Refusal::no_list)
    }

    /// The list at that path.
    ///
    /// # Errors
    /// No such list.
    pub(crate) async fn list_at(&self, path: &ListPath) -> Result<List, Refusal> {
        match path {
            ListPath::Employees => Ok(List::employees()),
            ListPath::People => Ok(List::people()),
            ListPath::Collection(owner, kind, name) => {
                let place = self.office().place(&self.asker, owner, &[*kind], name).await;
                self.seen(place).await
            }
        }
    }

    async fn seen(&self, place: kontor_model::Result<Place>) -> Result<List, Refusal> {
        let gone = |error: Error| match error {
            Error::NotFound | Error::Forbidden { .. } => Refusal::no_list(),
            other => Refusal::from(other),
        };
        let place = place.map_err(gone)?;
        // Who may not look is told by this that nothing is there.
        let version = self.office().version(&self.asker, &place).await.map_err(gone)?;
        List::of(place, version).ok_or_else(Refusal::no_list)
    }

    /// The lists of the site: one's own, or those of somebody that the asker may see, and those of the directory.
    ///
    /// # Errors
    /// Those of the office.
    pub(crate) async fn lists(&self) -> Result<Vec<List>, Refusal> {
        let owner = match &*self.site {
            Site::Of(owner) => owner.clone(),
            Site::Host | Site::Own => self.asker.principal.name.as_str().to_owned(),
        };
        let mut lists = Vec::new();
        let places = match self.office().places(&self.asker, &owner, &KINDS).await {
            Ok(places) => places,
            Err(Error::NotFound) => Vec::new(),
            Err(other) => return Err(other.into()),
        };
        if !places.is_empty() {
            let versions = self.office().versions(&self.asker, &owner).await?;
            let versions: HashMap<_, _> = versions.into_iter().collect();
            // What went away since has no version, and is no list.
            let seen = places.into_iter().filter_map(|place| {
                let version = *versions.get(&place.collection.id)?;
                List::of(place, version)
            });
            lists.extend(seen);
        }
        if !matches!(&*self.site, Site::Of(_)) {
            lists.extend([List::employees(), List::people()]);
        }
        Ok(lists)
    }
}

/// A list with the link that connects Outlook to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connectable {
    /// For people.
    pub(crate) title: String,
    /// `calendar`, `tasks`, `contacts`, `documents`.
    pub(crate) kind: &'static str,
    /// Whether the asker may change something in it.
    pub(crate) writable: bool,
    /// `stssync://...`; `None` where names and address leave no room for one.
    pub(crate) link: Option<String>,
}

/// What the asker can connect Outlook to, where the server is reached at `origin` (`https://host` or
/// `https://host:port`).
///
/// # Errors
/// Those of the office.
pub(crate) async fn connectable(
    office: &Office,
    asker: &Asker,
    origin: &str,
    site_name: &str,
) -> kontor_model::Result<Vec<Connectable>> {
    let places = office.places(asker, asker.principal.name.as_str(), &KINDS).await?;
    let base_url = with_port(origin) + ROOT;
    let found = places.into_iter().filter_map(|place| List::of(place, Version::ZERO));
    let lists = found.chain([List::employees()]);
    Ok(lists
        .filter_map(|list| {
            let kind = list.kind.link_type()?;
            let path = list.path();
            let list_url = path.strip_prefix(ROOT).unwrap_or(&path);
            let list_name = &list.title;
            let link = Link { kind, base_url: &base_url, list_url, guid: list.guid, site_name, list_name };
            Some(Connectable {
                kind,
                writable: list.is_writable(),
                link: link.text(),
                title: list.title.clone(),
            })
        })
        .collect())
}

/// Outlook wants the port in the address of a site.
fn with_port(origin: &str) -> String {
    let (scheme, host) = origin.split_once("://").unwrap_or(("https", origin));
    let tail = host.rsplit_once(']').map_or(host, |(_, tail)| tail);
    let port = if tail.contains(':') {
        ""
    } else if scheme == "https" {
        ":443"
    } else {
        ":80"
    };
    format!("{scheme}://{host}{port}")
}

/// A path below a list.
pub(crate) fn below(list: &List, number: i64, file: &str) -> String {
    format!("{}/Attachments/{number}/{}", list.path(), segment(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_their_port() {
        for (origin, expect) in [
            ("https://office.example", "https://office.example:443"),
            ("http://office.example", "http://office.example:80"),
            ("https://office.example:8443", "https://office.example:8443"),
            ("https://[::1]", "https://[::1]:443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
        ] {
            assert_eq!(with_port(origin), expect);
        }
    }
}

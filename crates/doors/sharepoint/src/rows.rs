//! Items as rows, with all that only the server knows of them.

use crate::fault::Refusal;
use crate::list::{List, below};
use crate::people::{Known, Wanted};
use crate::session::Session;
use crate::tasks::{Found, Named};
use crate::{time, token, translate};
use kontor_groupware::{Numbered, Ordinal, OrdinalKey, Place};
use kontor_model::{Item, ItemId, ItemMeta, Version};
use kontor_wire_sharepoint::attach;
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::row::{Context, Part, Row};
use std::collections::{HashMap, HashSet};

/// Rows of one item, with their numbers, in the order in which they are told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The rows, complete.
    pub(crate) rows: Vec<ToldRow>,
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct ToldRow {
    /// Its number.
    pub(crate) number: i64,
    /// Which part of the item it tells.
    pub(crate) part: Part,
    /// `owshiddenversion`.
    pub(crate) version: i64,
    /// The row.
    pub(crate) row: Row,
}

/// The key of a part among the ordinals of an item.
pub(crate) fn part_key(part: &Part) -> String {
    part.occurrence().map_or_else(String::new, |occurrence| occurrence.to_string())
}

/// An item translated, not numbered yet.
struct Drawn {
    meta: ItemMeta,
    rows: Vec<(Part, Row)>,
    series: bool,
    /// Names of its attachments.
    attached: Vec<String>,
}

/// Tells items of one list as rows.
pub(crate) struct Teller<'a> {
    pub(crate) session: &'a Session,
    pub(crate) list: &'a List,
    pub(crate) place: &'a Place,
}

impl Teller<'_> {
    /// The rows of these items. An item that is no row of this list (a task in a calendar) has none.
    ///
    /// # Errors
    /// Those of the office.
    pub(crate) async fn tell(&self, items: Vec<Item>) -> Result<Vec<Told>, Refusal> {
        let keys: Vec<_> = items.iter().map(|item| OrdinalKey::Item(item.meta.id)).collect();
        let known = self.session.office().ordinals(&self.session.asker, self.place, &keys).await?;
        self.tell_known(items, &known).await
    }

    /// The same for a page of items in the order of their names, whose ordinals lie beside each other.
    ///
    /// # Errors
    /// Those of the office.
    pub(crate) async fn tell_page(&self, items: Vec<Item>) -> Result<Vec<Told>, Refusal> {
        let name =
            |item: Option<&Item>| item.map(|item| item.meta.name.as_str().to_owned()).unwrap_or_default();
        let (first, last) = (name(items.first()), name(items.last()));
        // What is gone between these names keeps its ordinals: so many are looked through, and no more.
        let most = i64::try_from(items.len()).unwrap_or(i64::MAX).saturating_mul(2).saturating_add(64);
        let (office, who) = (self.session.office(), &*self.session.asker);
        let mut known = office.ordinals(who, self.place, &[OrdinalKey::Names { first, last, most }]).await?;
        let all = i64::try_from(known.len()).is_ok_and(|found| found < most);
        let seen: HashSet<ItemId> = known.iter().map(|one| one.of.item).collect();
        // An item may have had another name when it was last told.
        let missing = items.iter().map(|item| item.meta.id).filter(|id| !all || !seen.contains(id));
        let keys: Vec<_> = missing.map(OrdinalKey::Item).collect();
        if !keys.is_empty() {
            known.extend(office.ordinals(who, self.place, &keys).await?);
        }
        self.tell_known(items, &known).await
    }

    /// The same when their ordinals were read already.
    pub(crate) async fn tell_known(&self, items: Vec<Item>, known: &[Ordinal]) -> Result<Vec<Told>, Refusal> {
        let people = self.people(&items).await?;
        self.tell_among(items, known, &people).await
    }

    /// The same when the people whom they name were looked up already.
    pub(crate) async fn tell_among(
        &self,
        items: Vec<Item>,
        known: &[Ordinal],
        people: &Known,
    ) -> Result<Vec<Told>, Refusal> {
        let tasks = self.tasks(&items).await?;
        let drawn = self.draw(items, people, &tasks);
        // Only rows of a series are compared with what was told of them before.
        let known_before = if drawn.iter().any(|item| item.series) { known } else { &[] };
        let before = known_before.iter().map(|one| ((one.of.item, one.of.part.as_str()), one)).collect();
        let parts = drawn.iter().flat_map(|item| numbered(item, &before));
        let parts: Vec<Numbered> = parts.collect();
        let office = self.session.office();
        let numbers = office.number(&self.session.asker, self.place, known, &parts).await?;
        let mut given = parts.into_iter().zip(numbers);
        let folder = self.list.path();
        let folder = folder.trim_start_matches('/');
        let whole = |item| self.complete(item, &mut given, (people, folder));
        Ok(drawn.into_iter().map(whole).collect())
    }

    async fn people(&self, items: &[Item]) -> Result<Known, Refusal> {
        let mut wanted = Wanted::default();
        for item in items {
            wanted.account(item.meta.creator);
            wanted.text(&item.body);
        }
        Ok(self.session.people(wanted).await?)
    }

    /// Tasks that these wait for.
    async fn tasks(&self, items: &[Item]) -> Result<Found, Refusal> {
        let mut named = Named::default();
        items.iter().for_each(|item| named.text(self.list, &item.body));
        self.session.tasks(self.place, named).await
    }

    fn draw(&self, items: Vec<Item>, people: &Known, tasks: &Found) -> Vec<Drawn> {
        let context = Context {
            zone: &self.list.zone,
            now: self.session.office().now().secs(),
            uid: "",
            asker: None,
            people,
            tasks,
        };
        let drawn = items.into_iter().map(|item| {
            let rows = translate::rows(self.list.kind, &item.body, &context).unwrap_or_else(|error| {
                // Tasks in a calendar and the like: they are rows of another list, or of none.
                tracing::debug!(item = item.meta.id.0, %error, "an item that is no row");
                Vec::new()
            });
            let recurs = rows.first().is_some_and(|(_, row)| row.get("fRecurrence") == Some("1"));
            let series = recurs || rows.len() > 1;
            let attached = attach::names(self.list.kind, &item.body);
            Drawn { meta: item.meta, rows, series, attached }
        });
        drawn.collect()
    }

    /// Adds what only the server knows (MS-OUTSPS 2.2.5).
    fn complete(
        &self,
        item: Drawn,
        given: &mut impl Iterator<Item = (Numbered, i64)>,
        (people, folder): (&Known, &str),
    ) -> Told {
        let mut rows = Vec::with_capacity(item.rows.len());
        let mut master = 0;
        for ((part, mut row), (numbered, number)) in item.rows.into_iter().zip(given) {
            let version = if item.series { numbered.version } else { item.meta.revision };
            let version = token::small(version);
            match part {
                Part::Whole => {
                    master = number;
                    self.attachments(&mut row, number, &item.attached);
                }
                // Occurrences of what Outlook has no pattern for stand alone.
                Part::Changed(_) | Part::Deleted(_) if master == 0 => {}
                Part::Changed(_) | Part::Deleted(_) => row.push("MasterSeriesItemID", master.to_string()),
            }
            self.server_fields(&mut row, &item.meta, (number, version), (people, folder));
            rows.push(ToldRow { number, part, version, row });
        }
        Told { rows }
    }

    /// Addresses of attachments.
    fn attachments(&self, row: &mut Row, number: i64, names: &[String]) {
        let origin = &self.session.origin;
        let urls: String =
            names.iter().map(|name| format!(";#{origin}{}", below(self.list, number, name))).collect();
        row.push("Attachments", if urls.is_empty() { "0".to_owned() } else { urls + ";#" });
    }

    /// Fields that every row has.
    pub(crate) fn server_fields(
        &self,
        row: &mut Row,
        meta: &ItemMeta,
        (number, version): (i64, i64),
        (people, folder): (&Known, &str),
    ) {
        let guid = token::row_guid(self.place.collection.id, meta.id, number);
        let author = people.account(meta.creator);
        let numbered = format!("{number};#");
        row.push("ID", number.to_string());
        row.push("owshiddenversion", version.to_string());
        row.push("UniqueId", [&*numbered, &*guid.braced()].concat());
        let is_document = self.list.kind == ListKind::Documents;
        row.push("FSObjType", [&*numbered, if meta.folder.is_some() { "1" } else { "0" }].concat());
        row.push("PermMask", if !is_document && self.writable(meta) { FULL_MASK } else { READ_MASK });
        let kind = self.list.kind.content_type();
        row.push("ContentTypeId", if meta.folder.is_some() { ListKind::FOLDER } else { kind });
        row.push("Created", time::iso(meta.created));
        row.push("Modified", time::iso(meta.modified));
        if !author.is_empty() {
            row.push("Author", author.clone());
            row.push("Editor", author);
        }
        if !is_document {
            row.push("FileRef", format!("{number};#{folder}/{number}_.000"));
        }
        row.push("_ModerationStatus", "0");
        row.push("_Level", "1");
        row.push_bag("vti_versionhistory", format!("{:032x}:{version}", guid.0));
        if let Some(replication) = replication_id(meta) {
            row.push_bag("ReplicationID", replication);
        }
    }

    /// For display only: what is really allowed is decided when somebody tries.
    fn writable(&self, meta: &ItemMeta) -> bool {
        use kontor_model::Right;
        self.place.rights_on(&self.session.asker, meta).has(Right::EditAll)
    }
}

/// All permissions (MS-WSSFO2 2.2.2.14).
pub(crate) const FULL_MASK: &str = "0x7fffffffffffffff";
/// Permissions of a reader.
pub(crate) const READ_MASK: &str = "0x000000b008431061";

/// Names of items that were made with a ReplicationID begin so; the ID follows.
pub(crate) const REPLICATED: &str = "r-";

/// The ReplicationID that an item was made with: its name (see `op::update`).
fn replication_id(meta: &ItemMeta) -> Option<String> {
    let (stem, _) = meta.name.as_str().strip_prefix(REPLICATED)?.rsplit_once('.')?;
    let guid: kontor_wire_sharepoint::Guid = stem.parse().ok()?;
    Some(guid.to_string())
}

/// Parts of items as they were told before.
type Before<'a> = HashMap<(ItemId, &'a str), &'a Ordinal>;

/// The parts of an item as they shall be numbered. Rows of a series have a version each: that at which they began to
/// look as they do, so that a change of one is no change of the others.
fn numbered<'a>(item: &'a Drawn, before: &'a Before<'a>) -> impl Iterator<Item = Numbered> + 'a {
    let name = item.meta.name.as_str();
    item.rows.iter().map(|(part, row)| {
        let key = part_key(part);
        let digest = if item.series { digest(row) } else { 0 };
        let same = before.get(&(item.meta.id, key.as_str()));
        let version = match same {
            _ if !item.series => Version::ZERO,
            Some(same) if same.of.digest == digest => same.of.version,
            _ => item.meta.revision,
        };
        Numbered { item: item.meta.id, part: key, name: name.to_owned(), digest, version }
    })
}

/// A hash over the fields, eight bytes at a time as they are long; never 0. A field ends with a byte that no text has.
fn digest(row: &Row) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut last = [0xff; 8];
        last.iter_mut().zip(rest).for_each(|(end, byte)| *end = *byte);
        for word in words.iter().chain([&last]) {
            // The upper half is mixed into the lower one, which alone a product would never reach.
            hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^= hash >> 32;
        }
    };
    for field in &row.fields {
        add(field.name.as_bytes());
        add(field.property.as_deref().unwrap_or_default().as_bytes());
        add(field.value.as_bytes());
    }
    hash.max(1).cast_signed()
}

/// Numbers among `known` that no row of `told` has: parts and items that are gone.
pub(crate) fn gone(known: &[Ordinal], told: &[Told]) -> Vec<i64> {
    let live: HashSet<i64> = told.iter().flat_map(|told| &told.rows).map(|row| row.number).collect();
    let mut numbers: Vec<i64> =
        known.iter().map(|one| one.number).filter(|one| !live.contains(one)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

//! New rows.

use super::start::Start;
use super::{Batch, done, said};
use crate::fault::Refusal;
use crate::people::{Known, Wanted};
use crate::rows::{REPLICATED, Teller};
use crate::tasks::{Found, Named};
use crate::{time, translate};
use bytes::Bytes;
use kontor_groupware::{Expect, Ordinal, OrdinalKey, Put, Written};
use kontor_model::{Error, Item, ItemMeta, ItemName};
use kontor_wire_sharepoint::Guid;
use kontor_wire_sharepoint::list::{FieldType, ListKind};
use kontor_wire_sharepoint::op::update::{Method, Outcome};
use kontor_wire_sharepoint::row::{Context, Part, Person, Row};
use std::sync::Arc;

impl Batch {
    /// Makes an item; finds it if the same New made it before.
    pub(super) async fn make(&self, method: &Method, start: Option<Start>) -> Result<Outcome, Refusal> {
        let replication = method.fields.bag("ReplicationID").and_then(|id| id.parse::<Guid>().ok());
        let fresh = replication.unwrap_or_else(|| Guid(self.session.office().fresh())).bare().to_lowercase();
        let (ending, media_type) = match self.list.kind {
            ListKind::Contacts => ("vcf", "text/vcard"),
            ListKind::Calendar | ListKind::Tasks | ListKind::Documents | ListKind::People => {
                ("ics", "text/calendar")
            }
        };
        let prefix = if replication.is_some() { REPLICATED } else { "" };
        let name = ItemName::new(&format!("{prefix}{fresh}.{ending}"))?;
        let fields = said(method);
        let mut people = match start {
            Some(start) => start.people,
            None => Arc::new(self.session.people(self.named([&fields], &[])).await?),
        };
        let text = Bytes::from(self.created(fields, &fresh, &people).await?);
        let put = Put { media_type, bytes: text.clone(), expect: Expect::Absent };
        let (office, who) = (self.session.office(), &*self.session.asker);
        let mut known = Vec::new();
        let item = match office.put(who, &self.place, &name, put).await {
            Ok(written) => self.item(name, media_type, text, written),
            Err(Error::Stale { .. } | Error::Exists) if replication.is_some() => {
                let item = office.item(who, &self.place, &name).await?;
                people = self.people_of(&item).await?;
                known = office.ordinals(who, &self.place, &[OrdinalKey::Item(item.meta.id)]).await?;
                item
            }
            Err(other) => return Err(other.into()),
        };
        let row = self.rows(item, &known, &people).await?.into_iter().find(|told| told.part == Part::Whole);
        Ok(done(method, row.map(|told| told.row)))
    }

    async fn created(&self, mut fields: Row, uid: &str, people: &Known) -> Result<Vec<u8>, Refusal> {
        let tasks = self.tasks(&fields, &[]).await?;
        time::to_utc(&mut fields, self.list.kind, &self.list.zone, self.utc);
        let asker = people.person(self.session.asker.principal.id).cloned();
        let context = self.context(uid, people, asker.as_ref(), &tasks);
        Ok(translate::create(self.list.kind, &fields, &context)?)
    }

    /// What a translation has to know.
    pub(super) fn context<'c>(
        &'c self,
        uid: &'c str,
        people: &'c Known,
        asker: Option<&'c Person>,
        tasks: &'c Found,
    ) -> Context<'c> {
        let now = self.session.office().now().secs();
        Context { zone: &self.list.zone, now, uid, asker, people, tasks }
    }

    /// The tasks that a row and a text name.
    pub(super) async fn tasks(&self, fields: &Row, text: &[u8]) -> Result<Found, Refusal> {
        let mut named = Named::default();
        named.row(&self.list, fields);
        named.text(&self.list, text);
        self.session.tasks(&self.place, named).await
    }

    /// Whom rows and a text name, and who asks.
    pub(super) fn named<'r>(&self, rows: impl IntoIterator<Item = &'r Row>, text: &[u8]) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.account(Some(self.session.asker.principal.id));
        wanted.text(text);
        let fields = rows.into_iter().flat_map(|row| &row.fields);
        for field in fields.filter(|field| field.property.is_none()) {
            let holds = self.list.kind.field(&field.name).map(|known| known.holds);
            if matches!(holds, Some(FieldType::User | FieldType::Users)) {
                wanted.value(&field.value);
            }
        }
        wanted
    }

    /// The item that was just made, as it can be read back.
    fn item(&self, name: ItemName, media_type: &str, body: Bytes, written: Written) -> Item {
        let now = self.session.office().now();
        let meta = ItemMeta {
            id: written.id,
            name,
            version: written.version,
            revision: written.revision,
            size: body.len() as u64,
            media_type: media_type.to_owned(),
            created: now,
            modified: now,
            has_properties: false,
            creator: Some(self.session.asker.principal.id),
            folder: None,
        };
        Item { meta, body }
    }

    /// Whom an item names, and who asks.
    pub(super) async fn people_of(&self, item: &Item) -> Result<Arc<Known>, Refusal> {
        let mut wanted = self.named([], &item.body);
        wanted.account(item.meta.creator);
        Ok(Arc::new(self.session.people(wanted).await?))
    }

    /// The rows of an item, complete, with numbers that are known already, and the people whom it names.
    pub(super) async fn rows(
        &self,
        item: Item,
        known: &[Ordinal],
        people: &Known,
    ) -> Result<Vec<crate::rows::ToldRow>, Refusal> {
        let teller = Teller { session: &self.session, list: &self.list, place: &self.place };
        let told = teller.tell_among(vec![item], known, people).await?;
        let ask = kontor_wire_sharepoint::op::items::Ask { utc: self.utc, ..Default::default() };
        let present = |mut told: crate::rows::ToldRow| {
            told.row = crate::op::present(told.row, &ask, &self.list);
            told
        };
        Ok(told.into_iter().flat_map(|told| told.rows).map(present).collect())
    }
}

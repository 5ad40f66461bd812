//! Conditional requests: If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since (RFC 9110 13), and the
//! entity tags of the If header (RFC 4918 10.4).
//!
//! For writing, a condition becomes an [`Expect`], which the store holds against what is there at the moment of the
//! write. A single strong tag of ours needs no reading; anything else is decided on what is there now and then bound
//! to just that.

use crate::call::Call;
use crate::error::Refusal;
use crate::route::Route;
use crate::{date, locks, token};
use http::StatusCode;
use kontor_groupware::{Expect, Place, Select};
use kontor_model::{ItemId, ItemMeta, ItemName, Timestamp, Version};
use kontor_wire_dav::header::{EntityTag, EntityTags, IfHeader, Test};
use kontor_wire_dav::href::Href;

/// No item has this id, so nothing is ever exactly this.
const NOTHING: Expect = Expect::Exactly(ItemId(0), Version(0));

/// The conditions of one request.
pub(crate) struct Conditions {
    if_match: Option<EntityTags>,
    if_none_match: Option<EntityTags>,
    unmodified_since: Option<i64>,
    modified_since: Option<i64>,
    lists: Option<IfHeader>,
}

/// What is there, as far as conditions ask.
#[derive(Clone)]
pub(crate) struct Current {
    tag: EntityTag,
    modified: Option<Timestamp>,
}

impl Current {
    /// An item of `place`.
    pub(crate) fn item(place: &Place, meta: &ItemMeta) -> Self {
        Self { tag: bare(token::item_etag(place, meta).as_str()), modified: Some(meta.modified) }
    }

    /// Something whose quoted tag is `etag`, changed at that time.
    pub(crate) fn dated(etag: &str, modified: Timestamp) -> Self {
        Self { tag: bare(etag), modified: Some(modified) }
    }

    /// Something whose quoted tag is `etag`.
    pub(crate) fn tagged(etag: &str) -> Self {
        Self { tag: bare(etag), modified: None }
    }
}

fn bare(quoted: &str) -> EntityTag {
    EntityTag::strong(quoted.trim_matches('"'))
}

/// What a read with conditions comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Go on.
    Wanted,
    /// 304: the client has it.
    NotModified,
}

impl Conditions {
    /// Reads the headers; `None` if there is none of them.
    pub(crate) fn of(call: &Call<'_>) -> Result<Option<Self>, Refusal> {
        let tags = |name| call.headers(name).map(|value| EntityTags::parse(&value)).transpose();
        let date = |name| call.header(name).and_then(date::parse_http);
        let conditions = Self {
            if_match: tags("if-match")?,
            if_none_match: tags("if-none-match")?,
            unmodified_since: date("if-unmodified-since"),
            modified_since: date("if-modified-since"),
            lists: call.header("if").map(IfHeader::parse).transpose()?,
        };
        Ok(if conditions.is_empty() { None } else { Some(conditions) })
    }

    fn is_empty(&self) -> bool {
        self.if_match.is_none()
            && self.if_none_match.is_none()
            && self.unmodified_since.is_none()
            && self.modified_since.is_none()
            && self.lists.is_none()
    }

    /// Whether they let a read of `current` through (RFC 9110 13.2.2).
    pub(crate) fn read(&self, current: &Current) -> Result<Reading, Refusal> {
        self.hold(Some(current))?;
        let seconds = current.modified.map(Timestamp::secs);
        let same = match (&self.if_none_match, self.modified_since, seconds) {
            (Some(tags), ..) => !tags.if_none_match(Some(&current.tag)),
            (None, Some(since), Some(modified)) => modified <= since,
            _ => false,
        };
        Ok(if same { Reading::NotModified } else { Reading::Wanted })
    }

    /// Whether those that ask for 412 hold.
    fn hold(&self, current: Option<&Current>) -> Result<(), Refusal> {
        let tag = current.map(|current| &current.tag);
        let fails = match (&self.if_match, self.unmodified_since) {
            (Some(tags), _) => !tags.if_match(tag),
            (None, Some(since)) => {
                current.and_then(|current| current.modified).is_some_and(|modified| modified.secs() > since)
            }
            (None, None) => false,
        };
        if fails { Err(failed()) } else { Ok(()) }
    }

    /// Whether they let a write to what is there (or not) through.
    fn write(&self, current: Option<&Current>) -> Result<(), Refusal> {
        self.hold(current)?;
        let free = self.if_none_match.as_ref().is_none_or(|tags| tags.if_none_match(current.map(|c| &c.tag)));
        if free { Ok(()) } else { Err(failed()) }
    }

    /// The expectation that can be had without reading.
    fn at_once(&self, place: &Place) -> Option<Expect> {
        if self.lists.is_some() || self.unmodified_since.is_some() {
            return None;
        }
        match (&self.if_match, &self.if_none_match) {
            (None, None) => Some(Expect::Any),
            (None, Some(EntityTags::Any)) => Some(Expect::Absent),
            (Some(EntityTags::Any), None) => Some(Expect::Present),
            (Some(EntityTags::List(tags)), None) => match tags.as_slice() {
                [tag] => Some(exactly(place, tag)),
                _ => None,
            },
            _ => None,
        }
    }
}

fn exactly(place: &Place, tag: &EntityTag) -> Expect {
    let parsed = if tag.weak { None } else { token::parse_item_etag(place.collection.id, &tag.to_string()) };
    parsed.map_or(NOTHING, |(id, revision)| Expect::Exactly(id, revision))
}

fn failed() -> Refusal {
    Refusal::because(StatusCode::PRECONDITION_FAILED, "the condition that the request made does not hold")
}

/// What must be there when the item `name` of `place` is written, moved or removed.
pub(crate) async fn for_item(call: &Call<'_>, place: &Place, name: &ItemName) -> Result<Expect, Refusal> {
    let Some(conditions) = Conditions::of(call)? else { return Ok(Expect::Any) };
    if let Some(expect) = conditions.at_once(place) {
        return Ok(expect);
    }
    let meta = meta_of(call, place, name).await?;
    let current = meta.as_ref().map(|meta| Current::item(place, meta));
    conditions.write(current.as_ref())?;
    if let Some(lists) = &conditions.lists {
        check_lists(call, lists, current.as_ref()).await?;
    }
    Ok(meta.map_or(Expect::Absent, |meta| Expect::Exactly(meta.id, meta.revision)))
}

/// Checks the conditions of a request that changes something else than an item; `current` is its tag.
pub(crate) async fn check(call: &Call<'_>, current: Option<Current>) -> Result<(), Refusal> {
    let Some(conditions) = Conditions::of(call)? else { return Ok(()) };
    conditions.write(current.as_ref())?;
    match &conditions.lists {
        Some(lists) => check_lists(call, lists, current.as_ref()).await,
        None => Ok(()),
    }
}

async fn meta_of(call: &Call<'_>, place: &Place, name: &ItemName) -> Result<Option<ItemMeta>, Refusal> {
    let names = std::slice::from_ref(name);
    let found = call.session.office().items_named(&call.session.asker, place, names, Select::Meta).await;
    let found = found.map_err(|error| call.refuse(error))?;
    Ok(found.into_iter().next().flatten().map(|item| item.meta))
}

/// Evaluates the If header. Tags and locks of other resources are looked up first. A state token is current where a lock
/// of it covers the resource, so `(Not <DAV:no-lock>)` always holds.
async fn check_lists(call: &Call<'_>, lists: &IfHeader, current: Option<&Current>) -> Result<(), Refusal> {
    let here = State { current: current.cloned(), tokens: tokens_at(call, &call.route).await };
    let mut others: Vec<(String, State)> = Vec::new();
    for resource in lists.lists.iter().filter_map(|list| list.resource.clone()) {
        if !others.iter().any(|(known, _)| *known == resource) {
            if others.len() == 16 {
                return Err(Refusal::because(
                    StatusCode::BAD_REQUEST,
                    "the if header names too many resources",
                ));
            }
            let there = elsewhere(call, &resource).await.unwrap_or_default();
            others.push((resource, there));
        }
    }
    let holds = lists.evaluate(|resource, test| {
        let at = match resource {
            None => Some(&here),
            Some(resource) => others.iter().find(|(known, _)| known == resource).map(|(_, at)| at),
        };
        match test {
            Test::Tag(tag) => {
                let current = at.and_then(|at| at.current.as_ref());
                current.is_some_and(|current| current.tag.same_strongly(tag))
            }
            Test::Token(uri) => {
                let token = locks::token_of(uri);
                at.is_some_and(|at| token.is_some_and(|token| at.tokens.contains(&token)))
            }
        }
    });
    if holds { Ok(()) } else { Err(failed()) }
}

/// What the If header can ask of a resource.
#[derive(Default)]
struct State {
    /// What is there; nothing if there is nothing, or nothing to be seen.
    current: Option<Current>,
    /// Tokens of the locks that cover it.
    tokens: Vec<u128>,
}

/// The tokens of the locks that cover what lies at a route, or could.
async fn tokens_at(call: &Call<'_>, route: &Route<'_>) -> Vec<u128> {
    let (branch, owner, path, name) = match route {
        Route::Item(branch, owner, path, name) => (branch, owner, path, ItemName::new(name).ok()),
        Route::Collection(branch, owner, path) => (branch, owner, path, None),
        _ => return Vec::new(),
    };
    let Ok(place) = call.session.place(*branch, owner, path).await else { return Vec::new() };
    let office = call.session.office();
    let covering = place.locks(&call.session.asker, office.now(), name.as_ref());
    covering.iter().map(|lock| lock.token).collect()
}

/// Another resource that the If header names.
async fn elsewhere(call: &Call<'_>, resource: &str) -> Option<State> {
    let path = Href::parse(resource).ok()?.path.encode();
    let route = call.session.resolved(Route::parse(&path)?).await.ok()?;
    Some(State { current: tag_at(call, &route).await, tokens: tokens_at(call, &route).await })
}

async fn tag_at(call: &Call<'_>, route: &Route<'_>) -> Option<Current> {
    match route {
        Route::Item(branch, owner, collection, item) => {
            let place = call.session.place(*branch, owner, collection).await.ok()?;
            let meta = meta_of(call, &place, &ItemName::new(item).ok()?).await.ok()??;
            Some(Current::item(&place, &meta))
        }
        Route::Collection(branch, owner, collection) => {
            let place = call.session.place(*branch, owner, collection).await.ok()?;
            let version = call.session.office().version(&call.session.asker, &place).await.ok()?;
            Some(Current::tagged(token::collection_etag(&place, version).as_str()))
        }
        _ => None,
    }
}

//! PROPFIND (RFC 4918 9.1), with Prefer (RFC 8144) and answers in pages.

use crate::Session;
use crate::call::Call;
use crate::error::{Refusal, if_allowed};
use crate::locate::Located;
use crate::prefer::{applied, prefer_of};
use crate::property::{Plan, check_count, count};
use crate::route::{Branch, Route};
use crate::stream::{self, Broken, Producer, Sink, Telling};
use crate::subject::{CollectionView, HomeView, Subject, collection_sort, item_sort, need, on, sort_of};
use http::StatusCode;
use kontor_groupware::{Select, Space};
use kontor_listen::Response;
use kontor_model::{AccountName, CollectionId, Error, Item, ItemName, PropertyKey, Result};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::header::Depth;
use kontor_wire_dav::name::dav;
use kontor_wire_dav::request::Propfind;
use std::collections::HashMap;

/// Answers up to about this many bytes are made whole, with their length; longer ones are streamed.
const SHORT: usize = 64 * 1024;

/// Answers PROPFIND.
pub(crate) async fn answer(mut call: Call<'_>) -> std::result::Result<Response, Refusal> {
    let depth = call.header("depth").map_or(Ok(Depth::Infinity), Depth::parse)?;
    let leaf = matches!(call.route, Route::Item(..) | Route::Principal(_));
    let tree = matches!(call.route, Route::Collection(Branch::Files, ..));
    if depth == Depth::Infinity && !leaf && !tree {
        let detail = "ask with Depth 0 or 1";
        return Err(Refusal::condition(StatusCode::FORBIDDEN, dav::PROPFIND_FINITE_DEPTH, detail));
    }
    let body = call.xml().await?;
    let asked = Propfind::parse(&body, &call.session.settings().xml)?;
    check_count(call.session.settings(), count(&asked.props))?;
    let prefer = prefer_of(&call);
    let plan = Plan::new(&asked.props, prefer.minimal());
    let found = call.session.locate(&call.route, plan.needs(sort_of(&call.route)));
    let found = found.await.map_err(|error| call.refuse(error))?;
    let mut out = Multistatus::new();
    if depth == Depth::Zero || leaf || !prefer.depth_noroot {
        plan.respond(&call.session, &found.subject(), None, &mut out);
    }
    let mut answer = match (depth, found) {
        (Depth::One | Depth::Infinity, Located::Collection(view)) => {
            let members = Members::new(call.session.clone(), view, plan, out, depth);
            members.answer().await.map_err(|error| call.refuse(error))?
        }
        (Depth::One, Located::Principals) => {
            let root = !prefer.depth_noroot;
            let telling = Principals { session: call.session.clone(), plan, root, after: None };
            stream::told(telling).await.map_err(|error| call.refuse(error))?
        }
        (Depth::One, found) => {
            below(&call.session, &found, &plan, &mut out).await.map_err(|error| call.refuse(error))?;
            stream::multistatus(out)
        }
        _ => stream::multistatus(out),
    };
    applied(&prefer, &mut answer);
    Ok(answer)
}

/// Tells what is directly below anything but a collection.
async fn below(session: &Session, found: &Located, plan: &Plan, out: &mut Multistatus) -> Result<()> {
    let mut tell = |subject: &Subject<'_>| plan.respond(session, subject, None, out);
    match found {
        Located::Root(_) => {
            tell(&Subject::Principals);
            for branch in [Branch::Calendars, Branch::AddressBooks, Branch::Files] {
                tell(&Subject::Homes(branch, Space::default()));
            }
        }
        // One's own and the public one only: to tell which others hold something for this asker would mean to look into
        // all.
        Located::Homes(Branch::Files, _) => {
            let place = session.own_drive().await?;
            for place in std::iter::once(place).chain(session.office().public_drive(&session.asker).await?) {
                let view = session.view(place, plan.needs(on::FOLDER)).await?;
                tell(&Subject::Collection(&view));
            }
        }
        Located::Homes(branch, _) => {
            let home = session.home(*branch, session.asker.principal.clone()).await?;
            tell(&Subject::Home(&home));
        }
        Located::Home(home) => {
            for view in collections(session, home, plan).await? {
                tell(&Subject::Collection(&view));
            }
        }
        Located::Principals | Located::Principal(_) | Located::Collection(_) | Located::Item(_) => {}
    }
    Ok(())
}

/// All principals that the asker may know of, told page by page.
struct Principals {
    session: Session,
    plan: Plan,
    /// Whether that they are principals is told before them.
    root: bool,
    after: Option<AccountName>,
}

impl Telling for Principals {
    async fn more(&mut self, out: &mut Multistatus) -> Result<bool> {
        if std::mem::take(&mut self.root) {
            self.plan.respond(&self.session, &Subject::Principals, None, out);
        }
        let people = self.session.office().principals(&self.session.asker, self.after.as_ref()).await?;
        for principal in &people.some {
            self.plan.respond(&self.session, &Subject::Principal(principal), None, out);
        }
        self.after = people.next;
        Ok(self.after.is_some())
    }
}

/// The collections of a home that the asker may see.
pub(crate) async fn collections(
    session: &Session,
    home: &HomeView,
    plan: &Plan,
) -> Result<Vec<CollectionView>> {
    let needs = plan.needs(on::COLLECTION);
    let owner = home.owner.name.as_str();
    let places = session.office().places(&session.asker, owner, home.branch.kinds()).await?;
    let mut views = Vec::with_capacity(places.len());
    for place in places {
        match session.view(place, needs).await {
            Ok(view) => views.push(view),
            // Gone since the list was made.
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(views)
}

/// The items of a collection, told page by page.
struct Members {
    session: Session,
    view: CollectionView,
    plan: Plan,
    out: Multistatus,
    /// Whether properties that clients put on items are asked for.
    dead: bool,
    /// Items read and not yet told.
    items: std::vec::IntoIter<Item>,
    /// Folders among them that the asker may see.
    folders: HashMap<CollectionId, CollectionView>,
    more: bool,
    after: Option<ItemName>,
    /// For a whole tree: folders that were told, but not yet what is in them.
    later: Option<Vec<CollectionView>>,
    /// Where it began.
    top: String,
    /// Members that may still be told.
    left: usize,
}

impl Members {
    fn new(session: Session, view: CollectionView, plan: Plan, out: Multistatus, depth: Depth) -> Self {
        let dead = plan.needs(item_sort(view.branch)) & need::DEAD != 0;
        let later = (depth == Depth::Infinity).then(Vec::new);
        // A tree is bounded; one collection is as long as it is.
        let left = later.as_ref().map_or(usize::MAX, |_| session.office().limits().max_query_items);
        let top = view.href.clone();
        let (items, folders) = (Vec::new().into_iter(), HashMap::new());
        Self { session, view, plan, out, dead, items, folders, more: true, after: None, later, top, left }
    }

    /// The whole answer at once if it is short, else a stream.
    async fn answer(mut self) -> Result<Response> {
        // An asker without the right to read learns what the collection is, not what is in it.
        if if_allowed(self.turn().await)?.is_none() {
            self.more = false;
        }
        while self.out.len() < SHORT && self.tell_next().await? {}
        if self.more || self.items.len() > 0 || self.later.as_ref().is_some_and(|later| !later.is_empty()) {
            Ok(stream::multistatus_of(stream::body(self)))
        } else {
            Ok(stream::multistatus(self.out))
        }
    }

    /// Reads the next page.
    async fn turn(&mut self) -> Result<()> {
        let Session { room, asker } = &self.session;
        let (place, limit) = (&self.view.place, room.settings.page);
        let page = room.office.page(asker, place, self.after.as_ref(), limit, Select::Meta).await?;
        let needs = self.plan.needs(collection_sort(self.view.branch));
        self.folders = self.session.folders(place, &page.items, needs).await?;
        self.after = page.items.last().map(|item| item.meta.name.clone());
        self.more = page.more;
        self.items = page.items.into_iter();
        Ok(())
    }

    /// Goes on with a folder of the tree whose members were not told yet; `false` if this one is not through, or if
    /// there is none.
    async fn next_folder(&mut self) -> Result<bool> {
        if self.more {
            return Ok(false);
        }
        let Some(view) = self.later.as_mut().and_then(Vec::pop) else { return Ok(false) };
        (self.view, self.after, self.more) = (view, None, true);
        // It may have gone since, and who may see it need not be allowed to read in it.
        if if_allowed(self.turn().await)?.is_none() {
            self.more = false;
        }
        Ok(true)
    }

    /// Tells the next item of the page; `false` if there is none. Properties that clients put on items are read one
    /// item at a time, since they may be large.
    async fn tell_next(&mut self) -> Result<bool> {
        let Some(item) = self.items.next() else { return self.next_folder().await };
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.out.truncated(&self.top);
            (self.more, self.later, self.items) = (false, None, Vec::new().into_iter());
            return Ok(false);
        }
        if let Some(id) = item.meta.folder {
            if let Some(view) = self.folders.remove(&id) {
                self.plan.respond(&self.session, &Subject::Collection(&view), None, &mut self.out);
                if let Some(later) = &mut self.later {
                    later.push(view);
                }
            }
            return Ok(true);
        }
        let mut dead: Vec<(PropertyKey, Vec<u8>)> = Vec::new();
        if self.dead && item.meta.has_properties {
            let Session { room, asker } = &self.session;
            let all = room.office.item_properties(asker, &self.view.place, Some(&item.meta.name)).await?;
            dead = all.into_iter().map(|(_, key, value)| (key, value)).collect();
        }
        let subject = Subject::Item { at: &self.view, item: &item, dead: &dead };
        self.plan.respond(&self.session, &subject, None, &mut self.out);
        Ok(true)
    }
}

impl Producer for Members {
    async fn produce(mut self, sink: &Sink) -> std::result::Result<(), Broken> {
        loop {
            while self.tell_next().await? {
                sink.flush(&mut self.out).await?;
            }
            if !self.more {
                return sink.send(self.out.finish()).await;
            }
            self.turn().await?;
        }
    }
}

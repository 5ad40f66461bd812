//! PROPFIND (RFC 4918 9.1), with Prefer (RFC 8144) and answers in pages.

use crate::Session;
use crate::dispatch::Call;
use crate::error::{Refusal, if_allowed};
use crate::locate::Located;
use crate::property::Plan;
use crate::route::{Branch, Route};
use crate::stream::{self, Broken, Producer, Sink};
use crate::subject::{CollectionView, HomeView, Subject, need, on, sort_of};
use http::{HeaderValue, StatusCode};
use kontor_groupware::{Page, Select};
use kontor_listen::Response;
use kontor_model::{Error, ItemName, PropertyKey, Result};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::header::{Depth, Prefer};
use kontor_wire_dav::name::dav;
use kontor_wire_dav::request::Propfind;
use std::collections::HashMap;

/// Answers PROPFIND.
pub(crate) async fn answer(mut call: Call<'_>) -> std::result::Result<Response, Refusal> {
    let depth = call.header("depth").map_or(Ok(Depth::Infinity), Depth::parse)?;
    let leaf = matches!(call.route, Route::Item(..) | Route::Principal(_));
    if depth == Depth::Infinity && !leaf {
        let detail = "ask with Depth 0 or 1";
        return Err(Refusal::condition(StatusCode::FORBIDDEN, dav::PROPFIND_FINITE_DEPTH, detail));
    }
    let body = call.xml().await?;
    let asked = Propfind::parse(&body, &call.session.settings().xml)?;
    let prefer = prefer_of(&call);
    let plan = Plan::new(&asked.props, prefer.minimal());
    let found = call.session.locate(&call.route, plan.needs(sort_of(&call.route)));
    let found = found.await.map_err(|error| call.refuse(error))?;
    let mut out = Multistatus::new();
    if depth == Depth::Zero || leaf || !prefer.depth_noroot {
        plan.respond(&call.session, &found.subject(), None, &mut out);
    }
    let mut answer = match (depth, found) {
        (Depth::One, Located::Collection(view)) => {
            let members =
                Members { session: call.session.clone(), view, plan, out, after: None, dead: HashMap::new() };
            members.answer().await.map_err(|error| call.refuse(error))?
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

/// The preferences of a request, Brief among them.
pub(crate) fn prefer_of(call: &Call<'_>) -> Prefer {
    call.headers("prefer")
        .map_or_else(Prefer::default, |value| Prefer::parse(&value))
        .or_brief(call.header("brief"))
}

/// Says which preferences were followed (RFC 7240 3).
pub(crate) fn applied(prefer: &Prefer, answer: &mut Response) {
    let done = Prefer { handling: None, returns: prefer.returns.filter(|_| prefer.minimal()), ..*prefer };
    if let Some(value) = done.to_value().and_then(|value| HeaderValue::try_from(value).ok()) {
        answer.headers_mut().insert("preference-applied", value);
        answer.headers_mut().append(http::header::VARY, HeaderValue::from_static("Prefer, Brief"));
    }
}

/// Tells what is directly below anything but a collection.
async fn below(session: &Session, found: &Located, plan: &Plan, out: &mut Multistatus) -> Result<()> {
    let mut tell = |subject: &Subject<'_>| plan.respond(session, subject, None, out);
    match found {
        Located::Root => {
            tell(&Subject::Principals);
            tell(&Subject::Homes(Branch::Calendars));
            tell(&Subject::Homes(Branch::AddressBooks));
        }
        Located::Principals => {
            for principal in session.office().principals(&session.asker).await? {
                tell(&Subject::Principal(&principal));
            }
        }
        // One's own home only: to tell which others hold something for this asker would mean to look into all.
        Located::Homes(branch) => {
            let home = session.home(*branch, session.asker.principal.clone()).await?;
            tell(&Subject::Home(&home));
        }
        Located::Home(home) => {
            for view in collections(session, home, plan).await? {
                tell(&Subject::Collection(&view));
            }
        }
        Located::Principal(_) | Located::Collection(_) | Located::Item(_) => {}
    }
    Ok(())
}

async fn collections(session: &Session, home: &HomeView, plan: &Plan) -> Result<Vec<CollectionView>> {
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
    after: Option<ItemName>,
    dead: HashMap<ItemName, Vec<(PropertyKey, Vec<u8>)>>,
}

impl Members {
    /// The whole answer at once if one page is all, else a stream.
    async fn answer(mut self) -> Result<Response> {
        // An asker without the right to read learns what the collection is, not what is in it.
        let first = if_allowed(self.page().await)?.unwrap_or_default();
        self.tell(&first);
        if first.more {
            Ok(stream::multistatus_of(stream::body(self)))
        } else {
            Ok(stream::multistatus(self.out))
        }
    }

    async fn page(&mut self) -> Result<Page> {
        let Session { room, asker } = &self.session;
        let (place, limit) = (&self.view.place, room.settings.page);
        let page = room.office.page(asker, place, self.after.as_ref(), limit, Select::Meta).await?;
        self.after = page.items.last().map(|item| item.meta.name.clone());
        self.dead.clear();
        let sort = Subject::Collection(&self.view).sort();
        let items = if sort == on::CALENDAR { on::EVENT } else { on::CARD };
        if self.plan.needs(items) & need::DEAD != 0 {
            for item in page.items.iter().filter(|item| item.meta.has_properties) {
                let name = &item.meta.name;
                let all = room.office.item_properties(asker, place, Some(name)).await?;
                self.dead.insert(name.clone(), all.into_iter().map(|(_, key, value)| (key, value)).collect());
            }
        }
        Ok(page)
    }

    fn tell(&mut self, page: &Page) {
        for item in &page.items {
            let dead = self.dead.get(&item.meta.name).map_or(&[][..], Vec::as_slice);
            let subject = Subject::Item { at: &self.view, item, dead };
            self.plan.respond(&self.session, &subject, None, &mut self.out);
        }
    }
}

impl Producer for Members {
    async fn produce(mut self, sink: &Sink) -> std::result::Result<(), Broken> {
        loop {
            sink.flush(&mut self.out).await?;
            let page = self.page().await?;
            self.tell(&page);
            if !page.more {
                return sink.send(self.out.finish()).await;
            }
        }
    }
}

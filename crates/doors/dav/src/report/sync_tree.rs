//! DAV:sync-collection with DAV:sync-level infinite (RFC 6578 3.3): a folder with all that lies in it, at any depth.
//!
//! The office says which folders there are and what the client knows of each ([`Tree`]); this tells them one after the
//! other, the outer ones first. A folder that the client does not know where it is now is listed whole; of one that it
//! knows, what changed is told. A folder that went is told as one member that is gone (3.5.2: with all that was in it). What
//! happens while it is told is for the next time. A folder of which the asker may see no more than that it is there is
//! told once, as one that cannot be gone into (3.3).

use super::listing::Teller;
use super::teller;
use crate::call::Call;
use crate::error::Refusal;
use crate::route;
use crate::stream::{Telling, told};
use crate::subject::{CollectionView, Subject, collection_sort, need};
use crate::token::tree::{TreePosition, TreeStep, TreeToken};
use http::StatusCode;
use kontor_groupware::{Tree, TreeFolder, TreeSpan};
use kontor_listen::Response;
use kontor_model::{CollectionId, Item, ItemName, Result, Version};
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::dav;
use kontor_wire_dav::report::SyncCollection;
use std::collections::{HashMap, VecDeque};

/// Answers it.
pub(super) async fn answer(call: Call<'_>, asked: SyncCollection) -> std::result::Result<Response, Refusal> {
    let teller = teller(&call, &asked.wanted, None).await?;
    let (session, place) = (teller.session.clone(), &teller.view.place);
    let top = place.collection.id;
    let token = match asked.token.as_deref().map(|text| TreeToken::parse(top, text)) {
        None => None,
        Some(Some(token)) => Some(token),
        Some(None) => {
            let detail = "this token was never given out for this tree; start afresh without one";
            return Err(Refusal::condition(StatusCode::FORBIDDEN, dav::VALID_SYNC_TOKEN, detail));
        }
    };
    let eyes = token.as_ref().map_or(0, |token| token.eyes);
    let (span, from) = match token {
        None => (TreeSpan::default(), None),
        Some(TreeToken { tide, told: None, .. }) => (TreeSpan { since: Some(tide), tide: None, eyes }, None),
        Some(TreeToken { tide, told: Some(from), .. }) => {
            (TreeSpan { since: from.since, tide: Some(tide), eyes }, Some(from))
        }
    };
    let tree = session.office().tree(&session.asker, place, span).await;
    let tree = tree.map_err(|error| call.refuse(error))?;
    let most = session.office().limits().max_query_items.max(1);
    let left = asked.limit.map_or(most, |limit| usize::try_from(limit).unwrap_or(most).clamp(1, most));
    let walk = Walk::new(teller, tree, span.since, left, from);
    told(walk).await.map_err(|error| call.refuse(error))
}

/// The report, being told.
struct Walk {
    teller: Teller,
    /// URL and id of the top.
    top: (String, CollectionId),
    /// What the client knew before.
    since: Option<i64>,
    tree: Tree,
    /// Where each folder is among those of the tree.
    by_id: HashMap<CollectionId, usize>,
    /// Which folder is told.
    now: usize,
    /// Up to where that one was told.
    step: TreeStep,
    /// Up to where it is told when what was read is told.
    ahead: TreeStep,
    /// What was read and not yet told.
    read: VecDeque<Told>,
    /// Members that may still be told.
    left: usize,
}

/// One member to tell.
enum Told {
    /// The folder itself.
    Itself,
    /// Something in it.
    Item(Box<Item>),
    /// Nothing is there any more.
    Gone(String),
}

impl Walk {
    fn new(
        teller: Teller,
        mut tree: Tree,
        since: Option<i64>,
        left: usize,
        from: Option<TreePosition>,
    ) -> Self {
        let top = (teller.view.href.clone(), teller.view.place.collection.id);
        let from = from.map(|from| (from.depth, from.folder, from.at));
        let passed = |one: &TreeFolder| {
            let before = from.as_ref().is_some_and(|(depth, id, _)| place_in(one) < (*depth, *id));
            before || (one.since == Some(one.until) && !one.touched)
        };
        let by_id = tree.folders.iter().enumerate().map(|(at, one)| (one.place.collection.id, at)).collect();
        let now = tree.folders.iter().position(|one| !passed(one)).unwrap_or(tree.folders.len());
        let mut step = TreeStep::Begin;
        if let (Some((depth, id, at)), Some(one)) = (from, tree.folders.get_mut(now))
            && place_in(one) == (depth, id)
        {
            step = at;
        }
        let ahead = step.clone();
        let mut walk =
            Self { teller, top, since, tree, by_id, now, step, ahead, read: VecDeque::new(), left };
        walk.enter();
        walk
    }

    /// What is told from now on lies in this folder.
    fn enter(&mut self) {
        if let Some(one) = self.tree.folders.get(self.now) {
            self.teller.view = CollectionView::new(one.place.clone());
        }
    }

    /// Goes on to the next folder of which there is something to tell.
    fn next_folder(&mut self) {
        let quiet = |one: &&TreeFolder| one.since == Some(one.until) && !one.touched;
        let rest = self.tree.folders.iter().skip(self.now + 1);
        self.now += 1 + rest.take_while(quiet).count();
        (self.step, self.ahead) = (TreeStep::Begin, TreeStep::Begin);
        self.enter();
    }

    /// Reads on.
    async fn read(&mut self) -> Result<()> {
        let Some(one) = self.tree.folders.get(self.now) else { return Ok(()) };
        let limit = self.teller.page().min(self.left.max(1));
        let body = || one.since.map_or(TreeStep::After(None), TreeStep::Since);
        match &self.step {
            TreeStep::Begin => {
                self.read.extend(one.touched.then_some(Told::Itself));
                self.ahead = if one.folders_gone.is_empty() { body() } else { TreeStep::Gone(String::new()) };
            }
            TreeStep::Gone(after) => {
                let names = one.folders_gone.iter().filter(|name| *name > after).take(limit);
                let names: Vec<String> = names.cloned().collect();
                self.ahead = names.last().map_or_else(body, |last| TreeStep::Gone(last.clone()));
                let href = |name: String| format!("{}/", route::item_href(&self.teller.view.href, &name));
                self.read = names.into_iter().map(|name| Told::Gone(href(name))).collect();
            }
            TreeStep::Since(since) if *since >= one.until => {
                self.next_folder();
                return Ok(());
            }
            TreeStep::Since(since) => {
                let since = *since;
                self.changes(since, limit).await?;
            }
            TreeStep::After(after) => {
                let after = after.clone();
                self.members(after, limit).await?;
            }
        }
        if self.read.is_empty() {
            self.settle();
        }
        Ok(())
    }

    /// What was read is told.
    fn settle(&mut self) {
        self.step = self.ahead.clone();
    }

    async fn changes(&mut self, since: Version, limit: usize) -> Result<()> {
        let Some(one) = self.tree.folders.get(self.now) else { return Ok(()) };
        let (office, asker) = (self.teller.session.office(), &self.teller.session.asker);
        let found = office.changes(asker, &one.place, since, limit, self.teller.select()).await?;
        let more = found.more && found.upto < one.until;
        let changed = found.changed.into_iter().filter(|item| item.meta.version <= one.until);
        let changed = changed.filter(|item| self.is_seen(item));
        let mut read: Vec<(Version, Told)> =
            changed.map(|item| (item.meta.version, Told::Item(Box::new(item)))).collect();
        let upto = if more { found.upto } else { one.until };
        // What is known of a name where folders came and went is more than its row says.
        let (files, folders) = (&one.files_gone, &one.folders_gone);
        let removed = found.removed.into_iter().map(|(name, version)| (version, name.as_str().to_owned()));
        let removed =
            removed.filter(|(_, name)| !files.contains_key(name) && folders.binary_search(name).is_err());
        let went = files.iter().map(|(name, version)| (*version, name.clone()));
        let gone = removed.chain(went.filter(|(version, _)| *version > since));
        let gone = gone.filter(|(version, _)| *version <= upto);
        let href = |name: String| route::item_href(&self.teller.view.href, &name);
        read.extend(gone.map(|(version, name)| (version, Told::Gone(href(name)))));
        read.sort_by_key(|(version, _)| *version);
        let fits = read.get(limit).is_none();
        read.truncate(limit);
        let last = read.last().filter(|_| !fits).map(|(version, _)| *version);
        self.ahead = TreeStep::Since(last.unwrap_or(upto));
        self.read = read.into_iter().map(|(_, member)| member).collect();
        Ok(())
    }

    async fn members(&mut self, after: Option<ItemName>, limit: usize) -> Result<()> {
        let Some(one) = self.tree.folders.get(self.now) else { return Ok(()) };
        let (office, asker) = (self.teller.session.office(), &self.teller.session.asker);
        let page = office.page(asker, &one.place, after.as_ref(), limit, self.teller.select()).await?;
        let last = page.items.last().map(|item| item.meta.name.clone());
        // Changes behind the tide are for the next time: nothing is left to tell then.
        self.ahead = if page.more { TreeStep::After(last) } else { TreeStep::Since(one.until) };
        let seen = page.items.into_iter().filter(|item| self.is_seen(item));
        self.read = seen.map(|item| Told::Item(Box::new(item))).collect();
        Ok(())
    }

    /// Folders that came after the tide, and those that the asker may not see, are not told.
    fn is_seen(&self, item: &Item) -> bool {
        item.meta.folder.is_none_or(|id| self.by_id.contains_key(&id) || self.tree.closed.contains_key(&id))
    }

    async fn tell(&mut self, member: Told, out: &mut Multistatus) -> Result<()> {
        match member {
            Told::Gone(href) => out.status(&href, 404),
            Told::Itself => self.tell_folder(self.now, out).await?,
            Told::Item(item) => match item.meta.folder {
                None => self.teller.tell(&item, out).await?,
                Some(id) => match (self.by_id.get(&id), self.tree.closed.get(&id)) {
                    (Some(at), _) => self.tell_folder(*at, out).await?,
                    (None, Some(closed)) => {
                        let href = CollectionView::new(closed.clone()).href;
                        out.failure(&href, 403, &dav::SYNC_TRAVERSAL_SUPPORTED);
                    }
                    (None, None) => {}
                },
            },
        }
        Ok(())
    }

    async fn tell_folder(&self, at: usize, out: &mut Multistatus) -> Result<()> {
        let Some(one) = self.tree.folders.get(at) else { return Ok(()) };
        let Teller { session, plan, .. } = &self.teller;
        let mut view = CollectionView::new(one.place.clone());
        let needs = plan.needs(collection_sort(view.branch));
        if needs & !need::VERSION == 0 {
            view.version = Some(one.until);
        } else if let Some(found) = crate::error::if_allowed(session.view(one.place.clone(), needs).await)? {
            view = found;
        } else {
            return Ok(());
        }
        plan.respond(session, &Subject::Collection(&view), None, out);
        Ok(())
    }

    fn end(&self, out: &mut Multistatus) {
        let (href, top) = &self.top;
        let told = self.tree.folders.get(self.now).map(|one| TreePosition {
            since: self.since,
            depth: one.depth,
            folder: one.place.collection.id,
            at: self.step.clone(),
        });
        if told.is_some() {
            out.truncated(href);
        }
        let token = TreeToken { top: *top, eyes: self.tree.eyes, tide: self.tree.tide, told };
        out.sync_token(&token.text());
    }
}

/// Where a folder is in the order of telling.
fn place_in(one: &TreeFolder) -> (usize, CollectionId) {
    (one.depth, one.place.collection.id)
}

impl Telling for Walk {
    async fn more(&mut self, out: &mut Multistatus) -> Result<bool> {
        let is_through = self.now >= self.tree.folders.len();
        if is_through || (self.left == 0 && !self.read.is_empty()) {
            self.end(out);
            return Ok(false);
        }
        match self.read.pop_front() {
            None => self.read().await?,
            Some(member) => {
                self.left = self.left.saturating_sub(1);
                self.tell(member, out).await?;
                if self.read.is_empty() {
                    self.settle();
                }
            }
        }
        Ok(true)
    }
}

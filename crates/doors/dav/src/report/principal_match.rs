//! DAV:principal-match (RFC 3744 9.3): what has to do with the asker.
//!
//! Looked at are principals and the collections of homes. Items are not: each is its collection's.

use super::hrefs;
use crate::Session;
use crate::call::Call;
use crate::error::Refusal;
use crate::everybody::Everybody;
use crate::locate::Located;
use crate::method::propfind::collections;
use crate::prefer::prefer_of;
use crate::property::Plan;
use crate::route::{self, Branch};
use crate::stream::multistatus;
use crate::subject::{HomeView, Subject};
use kontor_listen::Response;
use kontor_model::Result;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::report::{PrincipalMatch, Which};

/// Answers it.
pub(super) async fn answer(call: Call<'_>, asked: PrincipalMatch) -> std::result::Result<Response, Refusal> {
    let plan = Plan::new(&asked.wanted.props, prefer_of(&call).minimal());
    let found = call.session.locate(&call.route, 0).await.map_err(|error| call.refuse(error))?;
    let left = call.session.settings().max_principals;
    let (session, out) = (&call.session, Multistatus::new());
    let mut search = Search { session, which: asked.which, plan, out, left, gave_up: false };
    search.below(&found).await.map_err(|error| call.refuse(error))?;
    if search.left == 0 || search.gave_up {
        search.out.truncated(call.path());
    }
    Ok(multistatus(search.out))
}

struct Search<'a> {
    session: &'a Session,
    which: Which,
    plan: Plan,
    out: Multistatus,
    /// How many may still be told.
    left: usize,
    /// Whether there were more than can be looked at.
    gave_up: bool,
}

impl Search<'_> {
    async fn below(&mut self, found: &Located) -> Result<()> {
        match found {
            Located::Root(_) => {
                self.principals().await?;
                self.homes(Branch::Calendars).await?;
                self.homes(Branch::AddressBooks).await
            }
            Located::Principals => self.principals().await,
            Located::Homes(branch, _) => self.homes(*branch).await,
            Located::Home(home) => self.home(home).await,
            Located::Principal(_) | Located::Collection(_) | Located::Item(_) => Ok(()),
        }
    }

    async fn principals(&mut self) -> Result<()> {
        if self.which == Which::Itself {
            return self.weigh(&Subject::Principal(&self.session.asker.principal));
        }
        let mut all = Everybody::new(self.session);
        while let Some(some) = all.next().await? {
            for principal in &some {
                self.weigh(&Subject::Principal(principal))?;
            }
            if self.left == 0 {
                return Ok(());
            }
        }
        self.gave_up = all.gave_up();
        Ok(())
    }

    /// One's own home only, as PROPFIND shows it.
    async fn homes(&mut self, branch: Branch) -> Result<()> {
        let home = self.session.home(branch, self.session.asker.principal.clone()).await?;
        self.weigh(&Subject::Home(&home))?;
        self.home(&home).await
    }

    async fn home(&mut self, home: &HomeView) -> Result<()> {
        for view in collections(self.session, home, &self.plan).await? {
            self.weigh(&Subject::Collection(&view))?;
        }
        Ok(())
    }

    /// Tells the subject if it has to do with the asker.
    fn weigh(&mut self, subject: &Subject<'_>) -> Result<()> {
        let me = &self.session.asker.principal;
        let matches = match &self.which {
            // There are no groups that the asker could be in.
            Which::Itself => matches!(subject, Subject::Principal(one) if one.id == me.id),
            Which::Property(name) => {
                let own = route::principal_href(me.name.as_str());
                hrefs::of_property(self.session, subject, name)?.contains(&own)
            }
        };
        if matches && self.left > 0 {
            self.left -= 1;
            self.plan.respond(self.session, subject, None, &mut self.out);
        }
        Ok(())
    }
}

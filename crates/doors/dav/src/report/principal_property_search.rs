//! DAV:principal-property-search (RFC 3744 9.4): people found by name or address.

use super::filter::position;
use crate::Session;
use crate::call::Call;
use crate::error::Refusal;
use crate::everybody::Everybody;
use crate::prefer::prefer_of;
use crate::property::Plan;
use crate::property::principal::{addresses, user_type};
use crate::route::{self, Route};
use crate::stream::multistatus;
use crate::subject::Subject;
use kontor_contentline::collation::{Collation, Matcher};
use kontor_listen::Response;
use kontor_model::Principal;
use kontor_wire_dav::answer::Multistatus;
use kontor_wire_dav::name::{Name, caldav, calendarserver, dav};
use kontor_wire_dav::report::{PrincipalPropertySearch, PropertySearch, Test};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A property that principals are searched by.
pub(super) struct Searched {
    /// Its name.
    pub(super) name: Name,
    /// What it is, for a person.
    pub(super) description: &'static str,
    /// The texts that a search looks at.
    texts: fn(&Principal) -> Vec<String>,
}

/// All of them.
pub(super) const SEARCHED: &[Searched] = &[
    Searched { name: dav::DISPLAYNAME, description: "Full name", texts: |one| vec![one.full_name.clone()] },
    Searched {
        name: caldav::CALENDAR_USER_ADDRESS_SET,
        description: "Calendar address",
        // With and without the scheme, so that the beginning of an address finds it.
        texts: |one| {
            let bare = addresses(one).map(str::to_owned);
            let uris = addresses(one).map(|address| format!("mailto:{address}"));
            bare.chain(uris).chain([route::principal_href(one.name.as_str())]).collect()
        },
    },
    Searched {
        name: calendarserver::EMAIL_ADDRESS_SET,
        description: "Mail address",
        texts: |one| addresses(one).map(str::to_owned).collect(),
    },
    Searched {
        name: caldav::CALENDAR_USER_TYPE,
        description: "Sort of principal",
        texts: |one| vec![user_type(one.kind).to_owned()],
    },
];

/// Answers it: searches below the request URI, or everywhere if asked to. More principals than the server tells are
/// answered with 507 on the collection.
pub(super) async fn answer(call: Call<'_>, asked: PrincipalPropertySearch) -> Result<Response, Refusal> {
    let session = &call.session;
    session.locate(&call.route, 0).await.map_err(|error| call.refuse(error))?;
    let conditions = asked.searches.iter().map(|one| one.props.len()).sum();
    super::bounds(&call).few(conditions, dav::NUMBER_OF_MATCHES_WITHIN_LIMITS)?;
    let here = |principal: &Principal| match &call.route {
        _ if asked.everywhere => true,
        Route::Root(_) | Route::Principals => true,
        Route::Principal(name) => principal.name.as_str() == name,
        _ => false,
    };
    let searches: Vec<Search<'_>> = asked.searches.iter().map(Search::new).collect();
    let plan = Plan::new(&asked.wanted.props, prefer_of(&call).minimal());
    let (mut out, most) = (Multistatus::new(), session.settings().max_principals);
    let mut told = BTreeSet::new();
    let named = named(session, &call.route, &asked).await.map_err(|error| call.refuse(error))?;
    let mut all = Everybody::new(session);
    let alone = matches!(call.route, Route::Principal(_)) && !asked.everywhere;
    let mut next = Some(named);
    while let Some(some) = next {
        for principal in some.iter().filter(|one| here(one) && holds(asked.test, &searches, one)) {
            if told.contains(&principal.id) {
                continue;
            }
            if told.len() == most {
                out.truncated(call.path());
                return Ok(multistatus(out));
            }
            plan.respond(session, &Subject::Principal(principal), None, &mut out);
            told.insert(principal.id);
        }
        next = if alone { None } else { all.next().await.map_err(|error| call.refuse(error))? };
    }
    if all.gave_up() {
        out.truncated(call.path());
    }
    Ok(multistatus(out))
}

/// Whom the URI or the texts name in full: found however many principals there are.
async fn named(
    session: &Session,
    route: &Route<'_>,
    asked: &PrincipalPropertySearch,
) -> kontor_model::Result<Vec<Arc<Principal>>> {
    let texts = asked.searches.iter().map(|one| one.text.trim());
    let texts = texts.map(|text| text.strip_prefix("mailto:").unwrap_or(text));
    let own = if let Route::Principal(name) = route { Some(&**name) } else { None };
    let mut found = Vec::new();
    for text in texts.chain(own) {
        found.extend(session.office().principals_named(&session.asker, text).await?);
    }
    Ok(found)
}

/// A search, made ready once.
struct Search<'a> {
    props: &'a [Name],
    matcher: Matcher,
}

impl<'a> Search<'a> {
    fn new(asked: &'a PropertySearch) -> Self {
        let matcher = Matcher::new(Collation::UnicodeCasemap, position(asked.match_type), asked.text.trim());
        Self { props: &asked.props, matcher }
    }

    /// Whether each of the properties holds the text; one that is not searched never does.
    fn holds(&self, principal: &Principal) -> bool {
        self.props.iter().all(|name| {
            let known = SEARCHED.iter().find(|known| known.name == *name);
            known.is_some_and(|known| (known.texts)(principal).iter().any(|text| self.matcher.matches(text)))
        })
    }
}

fn holds(test: Test, searches: &[Search<'_>], principal: &Principal) -> bool {
    match test {
        Test::AllOf => searches.iter().all(|search| search.holds(principal)),
        Test::AnyOf => searches.iter().any(|search| search.holds(principal)),
    }
}

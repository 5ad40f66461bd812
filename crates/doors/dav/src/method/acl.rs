//! ACL (RFC 3744 8.1): the access list of a collection, replaced. Privileges become rights by the table of `privilege`;
//! whether the asker may grant them is for the office to say.

use crate::call::Call;
use crate::error::Refusal;
use crate::precondition;
use crate::privilege;
use crate::route::Route;
use http::StatusCode;
use kontor_listen::{Body, Response};
use kontor_model::{Error, Grant, Grantee, Rights};
use kontor_wire_dav::acl::{Ace, Acl, Effect, Guard, Sense, Who};
use kontor_wire_dav::href::Href;
use kontor_wire_dav::name::{Name, dav};

/// Answers ACL.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let body = call.xml().await?;
    let Route::Collection(branch, owner, name) = &call.route else { return Err(Refusal::not_found()) };
    let place = call.session.place(*branch, owner, name).await.map_err(|error| call.refuse(error))?;
    // Without the right to look there is nothing here to speak of.
    call.session.office().version(&call.session.asker, &place).await.map_err(|error| call.refuse(error))?;
    let asked = Acl::parse(&body, &call.session.settings().xml)?;
    precondition::check(&call, None).await?;
    if asked.aces.len() > call.session.office().limits().max_grants {
        return Err(forbidden(dav::LIMITED_NUMBER_OF_ACES, "the list has too many entries"));
    }
    let mut grants: Vec<Grant> = Vec::new();
    for ace in asked.aces.iter().filter(|ace| ace.guard == Guard::Open && ace.inherited.is_none()) {
        check(ace)?;
        let Some(grantee) = grantee(&call, &ace.who).await? else { continue };
        if grantee == Grantee::Account(place.owner.id) {
            continue;
        }
        let rights = rights(&ace.privileges)?;
        match grants.iter_mut().find(|known| known.grantee == grantee) {
            Some(known) => known.rights = known.rights.union(rights),
            None => grants.push(Grant { grantee, rights }),
        }
    }
    let set = call.session.office().set_grants(&call.session.asker, &place, Some(grants)).await;
    set.map_err(|error| call.refuse(error))?;
    Ok(Response::new(Body::empty()))
}

fn forbidden(name: Name, detail: &'static str) -> Refusal {
    Refusal::condition(StatusCode::FORBIDDEN, name, detail)
}

/// What DAV:acl-restrictions says.
fn check(ace: &Ace) -> Result<(), Refusal> {
    if ace.effect == Effect::Deny {
        return Err(forbidden(dav::NO_ACE_CONFLICT, "entries can only grant"));
    }
    if ace.sense == Sense::Inverted {
        return Err(forbidden(dav::NO_INVERT, "entries cannot be inverted"));
    }
    Ok(())
}

/// Who is meant; `None` for the owner, who has everything already.
async fn grantee(call: &Call<'_>, who: &Who) -> Result<Option<Grantee>, Refusal> {
    match who {
        Who::All => Ok(Some(Grantee::Public)),
        Who::Authenticated => Ok(Some(Grantee::Everyone)),
        Who::Property(name) if *name == dav::OWNER => Ok(None),
        Who::Unauthenticated | Who::Itself | Who::Property(_) => {
            Err(forbidden(dav::ALLOWED_PRINCIPAL, "this principal cannot be granted anything here"))
        }
        Who::Href(href) => {
            let unknown = || forbidden(dav::RECOGNIZED_PRINCIPAL, "there is no such principal");
            let path = Href::parse(href)?.path.encode();
            let Some(Route::Principal(name)) = Route::parse(&path) else { return Err(unknown()) };
            match call.session.office().principal(&call.session.asker, &name).await {
                Ok(principal) => Ok(Some(Grantee::Account(principal.id))),
                Err(Error::NotFound) => Err(unknown()),
                Err(error) => Err(call.refuse(error)),
            }
        }
    }
}

fn rights(privileges: &[Name]) -> Result<Rights, Refusal> {
    let unknown = || forbidden(dav::NOT_SUPPORTED_PRIVILEGE, "one of these privileges is not known here");
    privileges.iter().try_fold(Rights::NONE, |sum, name| {
        let privilege = privilege::find(name).ok_or_else(unknown)?;
        Ok(sum.union(privilege.grants()))
    })
}

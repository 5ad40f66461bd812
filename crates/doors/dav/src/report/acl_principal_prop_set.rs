//! DAV:acl-principal-prop-set (RFC 3744 9.2): properties of those whom an access list names.

use crate::call::Call;
use crate::error::Refusal;
use crate::locate::Located;
use crate::prefer::prefer_of;
use crate::property::Plan;
use crate::stream::multistatus;
use crate::subject::{Subject, need};
use http::StatusCode;
use kontor_listen::Response;
use kontor_model::Error;
use kontor_wire_dav::answer::{Condition, Multistatus};
use kontor_wire_dav::name::dav;
use kontor_wire_dav::report::AclPrincipalPropSet;

/// Answers it: the owner first, then the others in the order of the list. Everyone and the public are no resources.
pub(super) async fn answer(call: Call<'_>, asked: AclPrincipalPropSet) -> Result<Response, Refusal> {
    let session = &call.session;
    let found = session.locate(&call.route, need::GRANTS).await.map_err(|error| call.refuse(error))?;
    let Located::Collection(view) = found else { return Err(Refusal::not_found()) };
    let Some(grants) = &view.grants else {
        let condition = Condition::NeedPrivileges(vec![(call.path().to_owned(), dav::READ_ACL)]);
        let refusal = Refusal::because(StatusCode::FORBIDDEN, "the access list may not be seen");
        return Err(Refusal { condition: Some(Box::new(condition)), ..refusal });
    };
    let plan = Plan::new(&asked.wanted.props, prefer_of(&call).minimal());
    let mut out = Multistatus::new();
    plan.respond(session, &Subject::Principal(&view.place.owner), None, &mut out);
    let mut told = vec![view.place.owner.name.as_str()];
    for name in grants.iter().filter_map(|grant| grant.account.as_deref()) {
        if told.contains(&name) {
            continue;
        }
        told.push(name);
        match session.office().principal(&session.asker, name).await {
            Ok(principal) => plan.respond(session, &Subject::Principal(&principal), None, &mut out),
            Err(Error::NotFound) => {}
            Err(error) => return Err(call.refuse(error)),
        }
    }
    Ok(multistatus(out))
}

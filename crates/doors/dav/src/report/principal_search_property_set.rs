//! DAV:principal-search-property-set (RFC 3744 9.5): what principals can be searched by.

use super::principal_property_search::SEARCHED;
use crate::call::Call;
use crate::error::Refusal;
use crate::reply::text;
use http::header;
use kontor_listen::{Body, Response};
use kontor_wire_dav::answer::PrincipalSearchPropertySet;

/// Answers it.
pub(super) async fn answer(call: Call<'_>) -> Result<Response, Refusal> {
    call.session.locate(&call.route, 0).await.map_err(|error| call.refuse(error))?;
    let properties = SEARCHED.iter().map(|one| (one.name.clone(), one.description.to_owned())).collect();
    let mut out = Vec::with_capacity(1024);
    PrincipalSearchPropertySet { properties }.write(&mut out);
    let mut answer = Response::new(Body::full(out));
    text(answer.headers_mut(), header::CONTENT_TYPE, "application/xml; charset=utf-8");
    Ok(answer)
}

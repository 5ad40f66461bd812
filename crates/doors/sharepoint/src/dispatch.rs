//! From a request to the file that answers it.

use crate::fault::unreadable;
use crate::op::{Call, No, perform};
use crate::route::{Route, Site};
use crate::session::{Session, origin};
use crate::sign_in::sign_in;
use crate::{Room, answer, attachment, connect, page};
use http::{HeaderValue, Method, StatusCode, header};
use kontor_listen::{Body, BodyError, LoggedUser, Request, RequestId, Response};
use kontor_wire_sharepoint::op::{Service, operation};
use kontor_wire_sharepoint::soap::{Envelope, Fault, Version, code};
use kontor_wire_sharepoint::wsdl;
use std::sync::Arc;

/// Answers a request, whatever it is.
pub(crate) async fn answer(room: &Arc<Room>, mut request: Request) -> Response {
    let Some(route) = Route::parse(request.head.uri.path()) else { return bare(StatusCode::NOT_FOUND) };
    let reads = request.head.method == Method::GET || request.head.method == Method::HEAD;
    let asker = match sign_in(room, &request.head, &request.peer).await {
        Ok(asker) => asker,
        Err(stranger) => return stranger.refuse(room, &request.peer),
    };
    let user = LoggedUser(asker.principal.name.as_str().to_owned());
    let origin = origin(&request.head, &request.peer);
    let session = |site| Session::new(room, asker, site, origin);
    let mut response = match route {
        Route::Service(site, service) if reads => describe(&session(site), service, request.head.uri.query()),
        Route::Service(site, service) if request.head.method == Method::POST => {
            serve(&session(site), service, &mut request).await
        }
        Route::Page(list) if reads => {
            page::answer(&session(Site::Own), &list, request.head.uri.query()).await
        }
        Route::Attachment(list, number, name) if reads => {
            attachment::answer(&session(Site::Own), &list, number, &name).await
        }
        Route::Connect if reads => connect::page(&session(Site::Own)).await,
        Route::Profile if reads => connect::profile(&session(Site::Own)),
        Route::Service(..) => not_allowed("GET, HEAD, POST"),
        Route::Page(_) | Route::Attachment(..) | Route::Connect | Route::Profile => not_allowed("GET, HEAD"),
    };
    response.extensions_mut().insert(user);
    response
}

fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn not_allowed(allow: &'static str) -> Response {
    let mut response = bare(StatusCode::METHOD_NOT_ALLOWED);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// The description of a service, which is all that there is to GET.
fn describe(session: &Session, service: Service, query: Option<&str>) -> Response {
    let wanted = query.unwrap_or_default();
    if !["wsdl", "singlewsdl", "disco"].iter().any(|word| wanted.eq_ignore_ascii_case(word)) {
        return not_allowed("POST");
    }
    let address = format!("{}{}/_vti_bin/{}.asmx", session.origin, session.site.path(), service.name());
    let text = wsdl::describe(service, &address);
    answer::with_type(StatusCode::OK, "text/xml; charset=utf-8", Body::full(text))
}

async fn serve(session: &Session, service: Service, request: &mut Request) -> Response {
    let media_type = request.head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let version = Version::of_media_type(media_type.unwrap_or_default());
    let limits = session.settings().xml;
    let body = match request.body.read_all(limits.max_bytes).await {
        Ok(body) => body,
        Err(error) => return unread(version, error),
    };
    let envelope = match Envelope::read(&body, &limits) {
        Ok(envelope) => envelope,
        Err(error) => return answer::fault(version, &unreadable(&error)),
    };
    drop(body);
    let version = envelope.version;
    let Some(operation) = operation(service, &envelope.body.name) else {
        // SharePoint's words for it (MS-LISTSWS 3.1.4).
        let text = "Server did not recognize the operation in the message.";
        return answer::fault(version, &Fault::client(text));
    };
    let call = Call { session: session.clone(), operation, version, element: &envelope.body };
    match Box::pin(perform(call)).await {
        Ok(response) => response,
        Err(No::Fault(fault)) => answer::fault(version, &fault),
        Err(No::Refusal(refusal)) => {
            note(refusal.secret.as_deref(), request.id);
            answer::fault(version, &refusal.fault())
        }
    }
}

/// Our own faults are logged here, once.
pub(crate) fn note(secret: Option<&str>, id: RequestId) {
    if let Some(secret) = secret {
        tracing::error!(%id, fault = %secret, "the office failed a request");
    }
}

fn unread(version: Version, error: BodyError) -> Response {
    let (status, fault) = match error {
        BodyError::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, Fault::server(code::TOO_LARGE, error.to_string()))
        }
        BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, Fault::client(error.to_string())),
        BodyError::Broken => (StatusCode::BAD_REQUEST, Fault::client(error.to_string())),
        BodyError::NoRoom => (StatusCode::SERVICE_UNAVAILABLE, Fault::server(code::BUSY, error.to_string())),
    };
    answer::message(status, version, fault.message(version))
}

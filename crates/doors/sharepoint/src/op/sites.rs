//! GetSite, GetWeb, GetWebCollection, WebUrlFromPageUrl: there is one site for each address.

use super::{Answer, Call, No};
use crate::answer::result;
use kontor_wire_sharepoint::op::sites::WebUrlFromPageUrl;
use kontor_wire_sharepoint::soap::Fault;

pub(super) fn site(call: &Call<'_>) -> Answer {
    let text = call.session.told_site().as_text();
    Ok(result(call.version, call.operation, |out| out.text(&text)))
}

pub(super) fn web(call: &Call<'_>) -> Answer {
    let site = call.session.told_site();
    Ok(result(call.version, call.operation, |out| site.web(out)))
}

pub(super) fn webs(call: &Call<'_>) -> Answer {
    // Sites have none below them.
    Ok(result(call.version, call.operation, |out| out.empty("Webs", &[])))
}

pub(super) fn web_url(call: &Call<'_>) -> Answer {
    let request: WebUrlFromPageUrl = call.read()?;
    let site = call.session.told_site();
    let page = request.page.to_lowercase();
    if !page.starts_with('/') && !page.starts_with(&call.session.origin.to_lowercase()) {
        return Err(No::Fault(Fault::server(0x8007_0002, "There is no web at this address.")));
    }
    Ok(result(call.version, call.operation, |out| out.text(&site.url)))
}

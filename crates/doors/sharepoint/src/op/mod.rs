//! One file for each sort of operation; [`perform`] is the table.

mod attachments;
mod changes;
mod items;
mod library;
mod listing;
mod lists;
mod people;
mod present;
mod sites;
mod update;
mod views;

use crate::fault::{Refusal, unreadable};
use crate::session::Session;
use kontor_listen::Response;
use kontor_wire_sharepoint::op::{Operation, Request};
use kontor_wire_sharepoint::soap::{Fault, Version};
use kontor_wire_sharepoint::xml::Element;

pub(crate) use listing::somebody;
pub(crate) use present::present;
pub(crate) use update::{Find, find};

/// One operation on its way through the door.
pub(crate) struct Call<'a> {
    /// Who, and at which site.
    pub(crate) session: Session,
    /// Which operation.
    pub(crate) operation: &'static Operation,
    /// How to answer.
    pub(crate) version: Version,
    /// Its element.
    pub(crate) element: &'a Element,
}

/// Why an operation is not answered.
pub(crate) enum No {
    /// A wrong message.
    Fault(Fault),
    /// What the office or a translation refused.
    Refusal(Refusal),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<kontor_model::Error> for No {
    fn from(error: kontor_model::Error) -> Self {
        Self::Refusal(error.into())
    }
}

/// What an operation answers.
pub(crate) type Answer = Result<Response, No>;

impl Call<'_> {
    /// The request.
    fn read<R: Request>(&self) -> Result<R, No> {
        R::read(self.element).map_err(|error| No::Fault(unreadable(&error)))
    }
}

/// Performs an operation.
pub(crate) async fn perform(call: Call<'_>) -> Answer {
    match call.operation.name {
        "GetListCollection" => lists::collection(&call).await,
        "GetList" => lists::one(&call).await,
        "GetListAndView" => lists::with_view(&call).await,
        "GetListItems" => items::answer(&call).await,
        "GetListItemChanges" => changes::since_time(&call).await,
        "GetListItemChangesSinceToken" => changes::since_token(&call).await,
        "UpdateListItems" => update::answer(&call).await,
        "GetAttachmentCollection" => attachments::collection(&call).await,
        "AddAttachment" => attachments::add(&call).await,
        "DeleteAttachment" => attachments::delete(&call).await,
        "GetViewCollection" => views::collection(&call).await,
        "GetView" => views::one(&call).await,
        "GetSite" => sites::site(&call),
        "GetWeb" => sites::web(&call),
        "GetWebCollection" => sites::webs(&call),
        "WebUrlFromPageUrl" => sites::web_url(&call),
        "GetCurrentUserInfo" => people::current(&call).await,
        "GetUserInfo" => people::one(&call).await,
        "GetUserCollectionFromSite" => people::all(&call).await,
        other => Err(No::Fault(Fault::client(format!("there is no operation {other} here")))),
    }
}

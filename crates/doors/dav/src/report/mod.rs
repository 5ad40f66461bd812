//! Reports: one file each; this file is the table. What a report asks for is read in `wire/dav`; properties are told
//! through [`Plan`](crate::property::Plan), long answers through [`stream`](crate::stream).

use crate::dispatch::Call;
use crate::error::Refusal;
use crate::subject::Bits;
use http::StatusCode;
use kontor_listen::Response;
use kontor_wire_dav::name::{Name, dav};
use kontor_wire_dav::report::Report;
use std::future::Future;
use std::pin::Pin;

/// A report's answer, being made.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response, Refusal>> + Send + 'a>>;

/// A report that this door answers.
pub(crate) struct Known {
    /// The root element of its body.
    pub(crate) name: Name,
    /// Sorts of subject that it can be asked of: bits of [`on`](crate::subject::on).
    pub(crate) on: Bits,
    /// Who answers.
    answer: for<'a> fn(Call<'a>, Report) -> Answering<'a>,
}

/// All of them.
const TABLE: &[Known] = &[];

/// Those that can be asked of that sort of subject, for DAV:supported-report-set.
pub(crate) fn on(sort: Bits) -> impl Iterator<Item = &'static Known> {
    TABLE.iter().filter(move |known| known.on & sort != 0)
}

/// Answers a report; one that is not for this place fails with DAV:supported-report (RFC 3253 3.6).
pub(crate) async fn answer(call: Call<'_>, asked: Report) -> Result<Response, Refusal> {
    let name = asked.name();
    match on(crate::subject::sort_of(&call.route)).find(|known| known.name == name) {
        Some(known) => (known.answer)(call, asked).await,
        None => {
            let detail = format!("the report {} cannot be asked here", name.local());
            Err(Refusal::condition(StatusCode::FORBIDDEN, dav::SUPPORTED_REPORT, detail))
        }
    }
}

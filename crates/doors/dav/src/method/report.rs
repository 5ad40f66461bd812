//! REPORT (RFC 3253 3.6): the table in `report` says who answers.

use crate::dispatch::Call;
use crate::error::Refusal;
use crate::report;
use kontor_listen::Response;
use kontor_wire_dav::report::Report;

/// Answers REPORT.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let body = call.xml().await?;
    let asked = Report::parse(&body, &call.session.settings().xml)?;
    report::answer(call, asked).await
}

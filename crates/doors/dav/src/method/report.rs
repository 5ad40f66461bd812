//! REPORT (RFC 3253 3.6): the table in `report` says who answers.

use crate::call::Call;
use crate::error::Refusal;
use crate::property::{check_count, count};
use crate::report;
use kontor_listen::Response;
use kontor_wire_dav::report::Report;

/// Answers REPORT.
pub(crate) async fn answer(mut call: Call<'_>) -> Result<Response, Refusal> {
    let body = call.xml().await?;
    let asked = Report::parse(&body, &call.session.settings().xml)?;
    check_count(call.session.settings(), named(&asked))?;
    report::answer(call, asked).await
}

/// How many properties the report names, for each resource that it tells of.
fn named(asked: &Report) -> usize {
    match asked {
        Report::CalendarQuery(asked) => count(&asked.wanted.props),
        Report::CalendarMultiget(asked) | Report::AddressbookMultiget(asked) => count(&asked.wanted.props),
        Report::AddressbookQuery(asked) => count(&asked.wanted.props),
        Report::SyncCollection(asked) => count(&asked.wanted.props),
        Report::VersionTree(asked) => count(&asked.wanted.props),
        Report::ExpandProperty(asked) => asked.properties.len(),
        Report::AclPrincipalPropSet(asked) => count(&asked.wanted.props),
        Report::PrincipalMatch(asked) => count(&asked.wanted.props),
        Report::PrincipalPropertySearch(asked) => count(&asked.wanted.props),
        Report::FreeBusyQuery(_) | Report::PrincipalSearchPropertySet => 0,
    }
}

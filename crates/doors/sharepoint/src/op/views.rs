//! GetViewCollection and GetView: every list has one view.

use super::{Answer, Call};
use crate::answer::result;
use kontor_wire_sharepoint::list::ListKind;
use kontor_wire_sharepoint::op::views::{GetView, GetViewCollection, view};

/// Fields that people see.
pub(super) fn shown(kind: ListKind) -> impl Iterator<Item = &'static str> {
    kind.fields().filter(|field| !field.hidden).map(|field| field.name)
}

pub(super) async fn collection(call: &Call<'_>) -> Answer {
    let request: GetViewCollection = call.read()?;
    let list = call.session.list(&request.list).await?;
    Ok(result(call.version, call.operation, |out| {
        out.open("Views", &[]);
        view(out, list.guid, &format!("{}/AllItems.aspx", list.path()), None);
        out.close("Views");
    }))
}

pub(super) async fn one(call: &Call<'_>) -> Answer {
    let request: GetView = call.read()?;
    let list = call.session.list(&request.list).await?;
    list.has_view(&request.view)?;
    let fields: Vec<&str> = shown(list.kind).collect();
    Ok(result(call.version, call.operation, |out| {
        view(out, list.guid, &format!("{}/AllItems.aspx", list.path()), Some(&fields));
    }))
}

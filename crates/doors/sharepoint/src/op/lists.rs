//! GetListCollection, GetList, GetListAndView.

use super::{Answer, Call};
use crate::answer::result;
use kontor_wire_sharepoint::op::get_list::GetList;
use kontor_wire_sharepoint::op::views::{GetView, view};

pub(super) async fn collection(call: &Call<'_>) -> Answer {
    let mut definitions = Vec::new();
    for list in call.session.lists().await? {
        // Who sees a list without reading it is told what it is called, not what is in it.
        definitions.extend(list.definition(&call.session).await.ok());
    }
    Ok(result(call.version, call.operation, |out| {
        out.open("Lists", &[]);
        definitions.iter().for_each(|definition| definition.write_head(out));
        out.close("Lists");
    }))
}

pub(super) async fn one(call: &Call<'_>) -> Answer {
    let request: GetList = call.read()?;
    let list = call.session.list(&request.list).await?;
    let definition = list.definition(&call.session).await?;
    let regional = list.regional(call.session.office().now());
    Ok(result(call.version, call.operation, |out| definition.write(out, regional)))
}

pub(super) async fn with_view(call: &Call<'_>) -> Answer {
    let request: GetView = call.read()?;
    let list = call.session.list(&request.list).await?;
    list.has_view(&request.view)?;
    let definition = list.definition(&call.session).await?;
    let regional = list.regional(call.session.office().now());
    let fields: Vec<&str> = super::views::shown(list.kind).collect();
    Ok(result(call.version, call.operation, |out| {
        out.open("ListAndView", &[]);
        definition.write(out, regional);
        view(out, list.guid, &format!("{}/AllItems.aspx", list.path()), Some(&fields));
        out.close("ListAndView");
    }))
}

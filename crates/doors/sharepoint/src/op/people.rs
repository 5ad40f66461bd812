//! GetCurrentUserInfo, GetUserInfo, GetUserCollectionFromSite.

use super::{Answer, Call, No};
use crate::answer::result;
use crate::fault::Refusal;
use crate::people::person;
use kontor_model::{Error, Principal};
use kontor_wire_sharepoint::op::people::{GetUserInfo, user};
use kontor_wire_sharepoint::soap::code;

pub(super) async fn current(call: &Call<'_>) -> Answer {
    let asker = call.session.asker.principal.clone();
    told(call, "GetUserInfo", &[&asker]).await
}

pub(super) async fn one(call: &Call<'_>) -> Answer {
    let request: GetUserInfo = call.read()?;
    let login = request.login.rsplit(['\\', '|']).next().unwrap_or_default().to_owned();
    let found = match call.session.office().principal(&call.session.asker, &login).await {
        Ok(found) => found,
        Err(Error::NotFound) => {
            return Err(No::Refusal(Refusal::new(code::NO_USER, "User cannot be found.")));
        }
        Err(other) => return Err(other.into()),
    };
    told(call, "GetUserInfo", &[&found]).await
}

pub(super) async fn all(call: &Call<'_>) -> Answer {
    let people = call.session.everybody().await?;
    let people: Vec<&Principal> = people.iter().map(|one| &**one).collect();
    let numbers = call.session.office().number_people(&call.session.asker, &people).await?;
    Ok(result(call.version, call.operation, |out| {
        out.open("GetUserCollectionFromSite", &[]);
        out.open("Users", &[]);
        people.iter().zip(numbers).for_each(|(principal, number)| user(out, &person(principal, number)));
        out.close("Users");
        out.close("GetUserCollectionFromSite");
    }))
}

async fn told(call: &Call<'_>, around: &str, people: &[&Principal]) -> Answer {
    let numbers = call.session.office().number_people(&call.session.asker, people).await?;
    Ok(result(call.version, call.operation, |out| {
        out.open(around, &[]);
        people.iter().zip(numbers).for_each(|(principal, number)| user(out, &person(principal, number)));
        out.close(around);
    }))
}

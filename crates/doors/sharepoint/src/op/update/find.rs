//! From the number of a row to its item.

use crate::fault::Refusal;
use crate::session::Session;
use kontor_groupware::{OrdinalKey, Place, Select};
use kontor_model::{Error, Item, ItemId, ItemName, Kind};

/// What a number names.
pub(crate) enum Find {
    /// This item.
    Here(Box<Item>),
    /// Nothing (any more).
    Gone,
}

/// The item of a row.
///
/// # Errors
/// Those of the office.
pub(crate) async fn find(session: &Session, place: &Place, number: i64) -> Result<Find, Refusal> {
    if place.collection.kind == Kind::Files {
        // Documents have their own door; their bodies are not read here.
        return Ok(Find::Gone);
    }
    let (office, who) = (session.office(), &*session.asker);
    let found = office.ordinals(who, place, &[OrdinalKey::Number(number)]).await?;
    let Some(ordinal) = found.into_iter().next() else { return Ok(Find::Gone) };
    let name = ItemName::new(&ordinal.of.name)?;
    match office.item(who, place, &name).await {
        Ok(item) if item.meta.id == ordinal.of.item => return Ok(Find::Here(Box::new(item))),
        Ok(_) | Err(Error::NotFound) => {}
        Err(other) => return Err(other.into()),
    }
    // It has another name since its number was last told, or it is gone: seldom enough to look through the list.
    let item = renamed(session, place, ordinal.of.item).await?;
    Ok(item.map_or(Find::Gone, |item| Find::Here(Box::new(item))))
}

async fn renamed(session: &Session, place: &Place, id: ItemId) -> Result<Option<Item>, Refusal> {
    let (office, who) = (session.office(), &*session.asker);
    let (mut after, mut more) = (None, true);
    while more {
        let page = office.page(who, place, after.as_ref(), session.settings().page, Select::Meta).await?;
        more = page.more;
        after = page.items.last().map(|item| item.meta.name.clone());
        if let Some(found) = page.items.iter().find(|item| item.meta.id == id) {
            return match office.item(who, place, &found.meta.name).await {
                Ok(item) => Ok(Some(item).filter(|item| item.meta.id == id)),
                Err(Error::NotFound) => Ok(None),
                Err(other) => Err(other.into()),
            };
        }
    }
    Ok(None)
}

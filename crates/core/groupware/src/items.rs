//! Reading items.

use crate::private::Sight;
use crate::{Asker, Office, Place, access};
use kontor_model::{Collection, Error, Item, ItemName, PropertyKey, Result, Right};
use kontor_store::{OpenBody, Page, Select};
use std::sync::Arc;

impl Office {
    /// The collection of a place, if the asker may read its items, and how they look to the asker.
    pub(crate) async fn readable(&self, who: &Asker, place: &Place) -> Result<(Arc<Collection>, Sight)> {
        let (collection, rights) = self.look(who, place).await?;
        access::need(rights, Right::Read)?;
        let sight = Sight::of(&collection, rights);
        Ok((collection, sight))
    }

    /// One item with its body.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `r`.
    pub async fn item(&self, who: &Asker, place: &Place, name: &ItemName) -> Result<Item> {
        // Most often the place is as it was found, and one question tells that and the item.
        if let Ok((at, rights)) = self.glance(who, place)
            && access::need(rights, Right::Read).is_ok()
        {
            match self.store().item_on(&place.shelf, at.id, name).await {
                Err(Error::Busy { retry_after: 0 }) => {}
                item => {
                    return Ok(Sight::of(&at, rights).item(item?.ok_or(Error::NotFound)?, Select::Body));
                }
            }
        }
        let (at, sight) = self.readable(who, place).await?;
        let item = self.store().item(at.account, at.id, name).await?.ok_or(Error::NotFound)?;
        Ok(sight.item(item, Select::Body))
    }

    /// One item, to read its body piece by piece, however large it is.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` without `r`; `Unsupported` where some of the body may be hidden from the asker.
    pub async fn open_item(&self, who: &Asker, place: &Place, name: &ItemName) -> Result<OpenBody> {
        let (at, sight) = self.readable(who, place).await?;
        if sight == Sight::Veiled {
            return Err(Error::Unsupported { detail: "parts of a body".to_owned() });
        }
        let open = self.store().open(at.account, at.id, name).await?;
        // A folder that this asker may not see has no body.
        open.filter(|open| open.meta().folder.is_none()).ok_or(Error::NotFound)
    }

    /// The items of those names, in the order asked; `None` where there is none. Of large bodies only the foremost are
    /// answered, at least one: ask again for the rest.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn items_named(
        &self,
        who: &Asker,
        place: &Place,
        names: &[ItemName],
        select: Select,
    ) -> Result<Vec<Option<Item>>> {
        let (at, sight) = self.readable(who, place).await?;
        let mut items = self.store().items_named(at.account, at.id, names, select).await?;
        if sight == Sight::Veiled && select == Select::Body {
            items = items.into_iter().map(|item| item.map(|item| sight.item(item, select))).collect();
        }
        Ok(items)
    }

    /// The item that has this UID, with its body.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn item_of_uid(&self, who: &Asker, place: &Place, uid: &str) -> Result<Option<Item>> {
        let (at, sight) = self.readable(who, place).await?;
        let Some(name) = self.store().by_uid(at.account, at.id, uid).await? else { return Ok(None) };
        let item = self.store().item(at.account, at.id, &name).await?;
        Ok(item.map(|item| sight.item(item, Select::Body)))
    }

    /// One page of a collection, by name, after `after`, at most `limit`, and fewer if their bodies are large.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn page(
        &self,
        who: &Asker,
        place: &Place,
        after: Option<&ItemName>,
        limit: usize,
        select: Select,
    ) -> Result<Page> {
        let (at, sight) = self.readable(who, place).await?;
        let mut page = self.store().page(at.account, at.id, after, limit, select).await?;
        page.items = sight.items(page.items, select);
        Ok(page)
    }

    /// Properties of one item, or of all items of a collection; none for who may not see private items.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn item_properties(
        &self,
        who: &Asker,
        place: &Place,
        name: Option<&ItemName>,
    ) -> Result<Vec<(ItemName, PropertyKey, Vec<u8>)>> {
        let (at, sight) = self.readable(who, place).await?;
        if sight == Sight::Veiled {
            // They may tell what the veil hides.
            return Ok(Vec::new());
        }
        self.store().item_properties(at.account, at.id, name).await
    }

    /// How many items a collection has, and the sum of their sizes in bytes.
    ///
    /// # Errors
    /// `Forbidden` without `r`.
    pub async fn usage(&self, who: &Asker, place: &Place) -> Result<(u64, u64)> {
        let (at, _) = self.readable(who, place).await?;
        self.store().usage(at.account, at.id).await
    }
}

//! Making the drive of an account, and folders in it.

use super::tree::DRIVE;
use super::{NewCollection, plan};
use crate::{Asker, Office, Place, access};
use kontor_model::{Collection, CollectionName, Components, Error, Kind, Origin, Properties, Result, Right};
use kontor_store::Op;

impl Office {
    /// Sees to it that an account has its drive. It comes to be when somebody first looks for it, so that accounts older
    /// than drives get theirs too.
    ///
    /// # Errors
    /// `NotFound` as [`Office::principal`].
    pub async fn need_drive(&self, who: &Asker, owner: &str) -> Result<()> {
        let owner = self.principal(who, owner).await?;
        if self.shelf(owner.id).await?.named(None, &[Kind::Files], DRIVE).is_some() {
            return Ok(());
        }
        let (kind, components, properties) = (Kind::Files, Components::NONE, Properties::new());
        let new = NewCollection { kind, name: CollectionName::new(DRIVE)?, components, properties };
        let id = self.inner.ids.collection();
        let made = plan(&self.inner.policy.limits, owner.id, id, new, self.inner.clock.now())?;
        let system = Asker::system(Origin::Job);
        self.commit_shelf(&system, &[owner.id], |shelves| {
            let there = shelves.iter().any(|shelf| shelf.named(None, &[Kind::Files], DRIVE).is_some());
            // Somebody else may have looked for it in the same moment.
            Ok(if there { Vec::new() } else { vec![Op::CreateCollection(Box::new(made.clone()))] })
        })
        .await?;
        Ok(())
    }

    /// Makes a folder in another.
    ///
    /// # Errors
    /// `Exists` if there is a folder or a file of that name; `Forbidden` without `k` on the folder that it shall lie in;
    /// `TooLarge` if the account has too many, or they lie too deep in each other.
    pub async fn create_folder(
        &self,
        who: &Asker,
        at: &Place,
        name: CollectionName,
        properties: Properties,
    ) -> Result<Place> {
        let (account, parent) = (at.account(), at.id());
        let new = NewCollection { kind: Kind::Files, name, components: Components::NONE, properties };
        let id = self.inner.ids.collection();
        let made = plan(&self.inner.policy.limits, account, id, new, self.inner.clock.now())?;
        let made = Collection { parent: Some(parent), ..made };
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            let (above, _) = access::find(&self.inner.policy, who, shelf, parent)?;
            self.may_hold(who, shelf, above, (1, 1))?;
            if shelf.named(Some(parent), &[Kind::Files], made.name.as_str()).is_some() {
                return Err(Error::Exists);
            }
            Ok(vec![Op::CreateCollection(Box::new(made.clone()))])
        })
        .await?;
        self.place_of(who, at.owner.clone(), id).await
    }

    /// The folders that lie directly in a place and that the asker may see, by name.
    ///
    /// # Errors
    /// `NotFound` if the asker has no right on the place.
    pub async fn folders(&self, who: &Asker, at: &Place) -> Result<Vec<Place>> {
        let (_, _) = self.look(who, at).await?;
        let shelf = self.shelf(at.account()).await?;
        let places = shelf.below(Some(at.id())).map(|one| Place {
            owner: at.owner.clone(),
            collection: one.clone(),
            rights: access::on(&self.inner.policy, who, &shelf, one),
            shelf: shelf.clone(),
            known: crate::place::Known::Now,
        });
        Ok(places.filter(|place| place.rights.has(Right::Look)).collect())
    }
}

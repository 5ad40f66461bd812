//! All objects of a place.

use super::Place;
use super::fault::Fault;
use futures_util::StreamExt;
use kontor_model::Result;
use object_store::path::Path as Name;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Objects that are told ahead.
const AHEAD: usize = 1_000;

/// Name and bytes of one object after the other, in the order of the place.
pub(in crate::blob) struct Listing(mpsc::Receiver<Result<(String, u64)>>);

impl Listing {
    /// The next one.
    pub(in crate::blob) async fn next(&mut self) -> Option<Result<(String, u64)>> {
        self.0.recv().await
    }
}

impl Place {
    /// Tells all objects; what is put or removed meanwhile may be told or not.
    pub(in crate::blob) fn list(&self) -> Listing {
        let (tell, told) = mpsc::channel(AHEAD);
        let (store, called, prefix) =
            (Arc::clone(&self.store), Arc::clone(&self.called), self.prefix.clone());
        let patience = self.patience;
        self.handle.spawn(async move {
            let above = (!prefix.is_empty()).then(|| Name::from(prefix.as_str()));
            let mut all = store.list(above.as_ref());
            loop {
                let next = match timeout(patience, all.next()).await {
                    Ok(None) => return,
                    Ok(Some(Ok(meta))) => {
                        let name = meta.location.as_ref();
                        Ok((name.strip_prefix(&prefix).unwrap_or(name).to_owned(), meta.size))
                    }
                    Ok(Some(Err(error))) => Err(Fault::of(&error, &called, "list", "all objects").told()),
                    Err(_) => {
                        Err(Fault::away("list", &called.name, "all objects", "it takes too long".to_owned())
                            .told())
                    }
                };
                let last = next.is_err();
                if tell.send(next).await.is_err() || last {
                    return;
                }
            }
        });
        Listing(told)
    }
}

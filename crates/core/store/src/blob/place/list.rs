//! All objects of a place.

use super::fault::Fault;
use super::{PATIENCE, Place};
use futures_util::StreamExt;
use kontor_model::Result;
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
        let (store, called) = (Arc::clone(&self.store), self.called());
        self.handle.spawn(async move {
            let mut all = store.list(None);
            loop {
                let next = match timeout(PATIENCE, all.next()).await {
                    Ok(None) => return,
                    Ok(Some(Ok(meta))) => Ok((meta.location.to_string(), meta.size)),
                    Ok(Some(Err(error))) => Err(Fault::of(&error, "list", &called, "all objects").told()),
                    Err(_) => Err(Fault::away("list", &called, "all objects", "it takes too long").told()),
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

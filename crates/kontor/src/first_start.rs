//! What a server makes when it starts on data that lack it.

use kontor_groupware::{Asker, Office};
use kontor_model::{Error, Origin, Role};

/// Makes the public store at the first start, and says so: whoever looks after the server is to look at that.
pub(crate) async fn make_public_store(office: &Office) {
    let system = Asker::system(Origin::Job);
    if office.public_store(&system).await.is_ok() {
        return;
    }
    match office.create_public_store(&system, None).await {
        Ok(made) => {
            let everyone = made.role().map_or("something of their own", Role::word);
            tracing::info!(
                name = made.owner.name.as_str(),
                everyone,
                "made the public store, which all users open: `kontor public-store everyone ROLE` says what they may do"
            );
        }
        Err(Error::Exists) if office.public_store(&system).await.is_ok() => {}
        Err(Error::Exists) => tracing::warn!(
            "there is no public store, as a user is called public: `kontor public-store create NAME` makes one"
        ),
        // It is no reason to serve nobody; the next start tries again.
        Err(error) => tracing::warn!(%error, "the public store could not be made"),
    }
}

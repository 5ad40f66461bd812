//! The verbs: everything that a door, a connector or the command line can have done.
//!
//! Main types: [`Office`], the whole of it, cheap to clone; [`Asker`], who asks and how much their credential is good
//! for; [`Place`], a collection as that asker sees it; [`Policy`], what an administrator may tune; [`Watch`], which
//! waits for changes.
//!
//! Laws:
//! - `access` is the one place that says yes or no; every verb asks it, on the account's collections and grants as
//!   they are at that moment, and binds its write to them ([`kontor_store::Guard`]): a right that is taken away is
//!   gone for requests under way too.
//! - Whoever may not see a thing is told `NotFound`, never `Forbidden`.
//! - No protocol word: doors translate.
//! - What kinds of content differ in sits in `kind`; the verbs know no kind.
//! - Bodies are stored as they came; `edit` changes only the lines it must.
//!
//! One file for each verb. Deliberately absent: wire formats (doors), SQL (`store`), what a body means (`formats`).

mod access;
mod asker;
mod changes;
mod collections;
mod edit;
mod finding;
mod free_busy;
mod grants;
mod history;
mod items;
mod kind;
mod locks;
mod office;
mod ordinals;
mod people;
mod place;
mod policy;
mod private;
mod properties;
mod public_store;
mod put;
mod query_calendar;
mod query_contacts;
mod quotas;
mod relocate;
mod remove;
mod secrets;
mod target;
mod timed;
mod trash;
mod trees;
mod upload;
mod users;
mod watch;

pub use asker::Asker;
pub use collections::{DRIVE, NewCollection, Within};
pub use history::{ItemHistory, REMOVED, Restored, Which};
pub use kontor_directory::{
    Admission, AppPasswordOrder, ArgonCost, Attempt, Credential, Denied, Network, Scope, Scopes,
};
pub use kontor_directory::{DigestAlgorithm, DigestAttempt, DigestChallenge, DigestName};
pub use kontor_directory::{DigestPolicy, SignInPolicy, ThrottlePolicy};
pub use kontor_store::{
    AppPassword, BlobReader, Changes, Content, End, Expect, History, INLINE_BYTES, Numbered, OpenBody,
    OpenPast, Ordinal, OrdinalKey, Page, Past, Select, Trashed,
};
pub use locks::{Locked, NewLock};
pub use office::{Office, Parts};
pub use people::People;
pub use place::Place;
pub use policy::{Limits, Policy};
pub use public_store::PublicStore;
pub use put::{Put, PutUpload, Written};
pub use query_contacts::Hits;
pub use quotas::{Holding, Holdings, QuotaChange, Space};
pub use secrets::NewAppPassword;
pub use trash::{Discarded, Returned};
pub use trees::{Tree, TreeFolder, TreeSpan};
pub use upload::Upload;
pub use users::{NewUser, UserChange};
pub use watch::Watch;

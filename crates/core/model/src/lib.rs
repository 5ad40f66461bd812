//! The nouns of the office: what every other room of `core` and every door talks about.
//!
//! Main types: [`AccountId`], [`CollectionId`], [`ItemId`] (who, where, what), [`Principal`], [`Collection`],
//! [`Item`], [`Version`] (the one number behind every protocol's state), [`Actor`] and [`Origin`] (who did it,
//! through which door), [`Rights`] and [`Role`] (what somebody may do), [`Error`] (why not), [`Clock`] and
//! [`Chance`] (the only sources of time and randomness).
//!
//! Laws: no I/O besides the two seams for time and randomness, no database, no protocol word. A type here cannot
//! hold a wrong value: names are checked when they are made.
//!
//! Deliberately absent: who decides on rights (`groupware::access`), how things are stored (`store`), what a body
//! means (`formats`), how a version looks on the wire (each door).

mod change;
mod clock;
mod collection;
mod error;
mod id;
mod item;
mod lock;
mod name;
mod principal;
mod property;
mod quota;
mod rights;
mod secret;
mod time;

pub use change::{Actor, News, Notice, Origin, Verb, Version};
pub use clock::{Chance, Clock, FixedClock, SeededChance, SystemChance, SystemClock};
pub use collection::{Collection, Components, Kind};
pub use error::{Error, Result, Rule};
pub use id::{AccountId, CollectionId, IdMint, ItemId};
pub use item::{Item, ItemMeta};
pub use lock::{Lock, Reach, Sharing};
pub use name::{AccountName, CollectionName, ItemName};
pub use principal::{AdminLevel, Principal, PrincipalKind};
pub use property::{Properties, PropertyKey};
pub use quota::{Level, Limit, Quota, QuotaSettings};
pub use rights::{Grant, Grantee, Right, Rights, Role};
pub use secret::Secret;
pub use time::{Range, Span, Timestamp};

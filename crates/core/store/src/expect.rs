//! Whether what an op expects is so: shared by all engines.

use crate::Expect;
use kontor_model::{Error, ItemId, Result, Version};

/// Checks an expectation against the id and revision of what is there.
pub(crate) fn check(expect: Expect, found: Option<(ItemId, Version)>) -> Result<()> {
    let holds = match (expect, found) {
        (Expect::Any, _) | (Expect::Absent, None) | (Expect::Present, Some(_)) => true,
        (Expect::Exactly(id, revision), Some(have)) => have == (id, revision),
        (Expect::Absent, Some(_)) | (Expect::Present | Expect::Exactly(..), None) => false,
    };
    if holds { Ok(()) } else { Err(Error::Stale { have: found.map(|(_, revision)| revision) }) }
}

/// The same for what is about to be replaced by a copy or a move: taken where nothing may be is `Exists`.
pub(crate) fn check_target(expect: Expect, found: Option<(ItemId, Version)>) -> Result<()> {
    match (expect, found) {
        (Expect::Absent, Some(_)) => Err(Error::Exists),
        _ => check(expect, found),
    }
}

/// Checks an expectation against an item that must be there: if it is not and nothing was expected of it, it is
/// `NotFound`; if something was, that is `Stale`.
pub(crate) fn check_source(expect: Expect, found: Option<(ItemId, Version)>) -> Result<()> {
    match (expect, found) {
        (Expect::Any | Expect::Absent, None) => Err(Error::NotFound),
        _ => check(expect, found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_against_what_is_there() {
        let here = Some((ItemId(1), Version(5)));
        let stale = Err(Error::Stale { have: Some(Version(5)) });
        let gone = Err(Error::Stale { have: None });
        let exact = |revision| Expect::Exactly(ItemId(1), Version(revision));
        let rows = [
            (Expect::Any, here, Ok(()), Ok(()), Ok(())),
            (Expect::Any, None, Ok(()), Ok(()), Err(Error::NotFound)),
            (Expect::Absent, here, stale.clone(), Err(Error::Exists), stale.clone()),
            (Expect::Absent, None, Ok(()), Ok(()), Err(Error::NotFound)),
            (Expect::Present, here, Ok(()), Ok(()), Ok(())),
            (Expect::Present, None, gone.clone(), gone.clone(), gone.clone()),
            (exact(5), here, Ok(()), Ok(()), Ok(())),
            (exact(4), here, stale.clone(), stale.clone(), stale),
            (exact(5), None, gone.clone(), gone.clone(), gone),
        ];
        for (expect, found, plain, target, source) in rows {
            assert_eq!(check(expect, found), plain, "{expect:?} {found:?}");
            assert_eq!(check_target(expect, found), target, "{expect:?} {found:?} as target");
            assert_eq!(check_source(expect, found), source, "{expect:?} {found:?} as source");
        }
    }
}

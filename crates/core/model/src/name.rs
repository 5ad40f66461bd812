//! Names, checked when made.

use crate::{Error, Result, Rule};
use std::fmt;
use std::sync::Arc;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and takes a name.
            ///
            /// # Errors
            /// [`Error::Invalid`] with [`Rule::Name`], saying what is wrong.
            pub fn new(text: &str) -> Result<Self> {
                let check: fn(&str) -> Option<&'static str> = $check;
                match check(text) {
                    None => Ok(Self(text.into())),
                    Some(why) => Err(Error::Invalid { rule: Rule::Name, detail: format!(concat!($what, " {:?}: {}"), shorten(text), why) }),
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

fn check_account(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("may not be empty");
    }
    if text.len() > 128 {
        return Some("may not be longer than 128 bytes");
    }
    if text.eq_ignore_ascii_case("SYSTEM") || text.eq_ignore_ascii_case("Everyone") {
        return Some("is reserved");
    }
    if text.starts_with('.') || text.starts_with('-') {
        return Some("may not start with a dot or a hyphen");
    }
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+' | '\'');
    (!text.chars().all(allowed)).then_some("only letters, digits and . - _ @ + ' are allowed")
}

fn check_segment(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("may not be empty");
    }
    if text.len() > 255 {
        return Some("may not be longer than 255 bytes");
    }
    if text == "." || text == ".." {
        return Some("is reserved");
    }
    text.chars().any(|c| c == '/' || c.is_control()).then_some("may not hold a slash or control characters")
}

name! {
    /// Log-in name of an account, case-sensitive; 1 to 128 bytes of letters, digits and `. - _ @ + '`.
    AccountName, "account name", check_account
}
name! {
    /// Name of a collection within its parent; 1 to 255 bytes, no slash, no control character, not `.` or `..`.
    CollectionName, "collection name", check_segment
}
name! {
    /// Name of an item within its collection; same rules as a collection's name.
    ItemName, "item name", check_segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let check = |text: &str, good: bool| assert_eq!(AccountName::new(text).is_ok(), good, "{text:?}");
        check("anna", true);
        check("Анна", true);
        check("anna@example.com", true);
        check("", false);
        check("SYSTEM", false);
        check("a/b", false);
        check("a b", false);
        check(&"x".repeat(129), false);
        assert!(ItemName::new("a b.ics").is_ok());
        assert!(ItemName::new("..").is_err());
        assert!(ItemName::new("a\0b").is_err());
    }
}

//! Why there is no connection, in one line that says what to do.

use super::address::Words;
use super::fault::{Trouble, chain};
use super::tls::Refused;
use kontor_model::Error;
use std::error::Error as _;
use std::io::ErrorKind;
use tokio_postgres::Error as Refusal;

/// The oldest PostgreSQL that is taken.
const OLDEST: u32 = 14;

/// What a failed attempt to connect means.
pub(super) fn refusal(words: &Words, refusal: &Refusal) -> String {
    if let Some(code) = refusal.code() {
        let said = refusal.as_db_error().map_or("", |error| error.message());
        return by_code(words, code.code(), said);
    }
    let servers = &words.servers;
    let cause = refusal.source();
    if let Some(refused) = cause.and_then(|cause| cause.downcast_ref::<Refused>()) {
        return format!("cannot trust the database at {servers}: {refused}");
    }
    if let Some(error) = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>()) {
        return unreachable(servers, error);
    }
    let text = chain(refusal);
    if text.contains("does not support TLS") {
        return format!(
            "the database at {servers} does not speak TLS: switch it on there (ssl = on), or say sslmode=disable in \
             store.url if nobody can listen in on the way"
        );
    }
    if text.contains("password missing") {
        return format!(
            "the database at {servers} asks for a password: put it into a file and name that in store.password_file"
        );
    }
    format!("cannot reach the database at {servers}: {text}")
}

/// Codes: PostgreSQL 15, appendix A.
fn by_code(words: &Words, code: &str, said: &str) -> String {
    let Words { servers, name, .. } = words;
    let user = words.user.as_deref().unwrap_or("(the system's)");
    match code {
        "28P01" => format!(
            "the database at {servers} does not accept the password of {user}: correct store.url or store.password_file"
        ),
        "28000" => format!(
            "the database at {servers} does not let {user} in ({said}): correct store.url, or allow it in pg_hba.conf"
        ),
        "3D000" => format!(
            "there is no database {name:?} at {servers}: make it, as by `createdb --owner {user} {name}`"
        ),
        "42501" => {
            format!("{user} may not use the database {name:?} at {servers} ({said}): make it the owner")
        }
        "53300" => format!(
            "the database at {servers} takes no more connections ({said}): raise max_connections there, or lower \
             store.writers, store.readers and store.scanners"
        ),
        "57P03" => format!(
            "the database at {servers} is only just starting or ending ({said}): try again in a moment"
        ),
        _ => format!("the database at {servers} refuses: {said} (SQLSTATE {code})"),
    }
}

fn unreachable(servers: &str, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::NotFound => {
            format!("no database listens at {servers}: start it there, or correct store.url")
        }
        ErrorKind::TimedOut => too_slow(servers),
        // The words of the driver, which has asked whether it may write.
        ErrorKind::PermissionDenied if error.to_string().contains("allow writes") => format!(
            "the database at {servers} only reads, as a standby does: name the one that writes in store.url; it can \
             name several, separated by commas"
        ),
        _ => format!("cannot reach the database at {servers}: {error}"),
    }
}

/// Why the data could not be brought to the schema of this program.
pub(super) fn opening(words: &Words, trouble: Trouble) -> String {
    let Words { servers, name, .. } = words;
    match trouble {
        Trouble::Lasting(Error::Unsupported { detail }) => detail,
        Trouble::Lasting(Error::Internal(why)) if may_not(&why) => {
            let user = words.user.as_deref().unwrap_or("the user");
            format!(
                "{user} may not make tables in the database {name:?} at {servers} ({why}): make it the owner, as by \
                 `ALTER DATABASE {name} OWNER TO {user}`"
            )
        }
        Trouble::Lasting(Error::Internal(why)) => format!("cannot make the tables at {servers}: {why}"),
        Trouble::Lasting(Error::NoSpace) => format!("the disk of the database at {servers} is full"),
        Trouble::Lasting(_) | Trouble::Retry(_) | Trouble::Held => {
            format!("the tables at {servers} are held by somebody else: try again when that has ended")
        }
        Trouble::Lost => format!("the database at {servers} went away while it was opened"),
    }
}

/// Words of PostgreSQL for insufficient privileges, and for a user that sees no schema to make tables in.
fn may_not(why: &str) -> bool {
    why.contains("permission denied")
        || why.contains("must be owner")
        || why.contains("no schema has been selected")
}

/// Somebody else's tables are there.
pub(super) fn strangers(words: &Words, first: &str, tables: usize) -> String {
    let Words { servers, name, .. } = words;
    format!(
        "the database {name:?} at {servers} belongs to something else (table {first:?}, {tables} in all): make an \
         empty one for Kontor, and name that in store.url"
    )
}

/// Nobody answered in time.
pub(super) fn too_slow(servers: &str) -> String {
    format!("no answer from the database at {servers}: is it there, and do firewalls let us through?")
}

/// What is wrong with a server that calls its version so.
pub(super) fn too_old(words: &Words, version: Option<&str>, of_cockroach: Option<&str>) -> Option<String> {
    let version = version.unwrap_or_default();
    // What only speaks like PostgreSQL tells the version whose manners it has, and is taken as it is.
    if of_cockroach.is_some() || version.contains("-YB-") {
        return None;
    }
    let major: u32 = version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    (major < OLDEST).then(|| {
        let servers = &words.servers;
        format!(
            "the database at {servers} is PostgreSQL {version}, and at least {OLDEST} is needed: upgrade it"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let words = Words { servers: "h:1".to_owned(), user: None, name: String::new() };
        let check = |version, cockroach, old: bool| {
            assert_eq!(too_old(&words, Some(version), cockroach).is_some(), old, "{version}");
        };
        check("15.18 (Debian 15.18-0+deb12u1)", None, false);
        check("14beta2", None, false);
        check("13.22", None, true);
        check("9.6.24", None, true);
        check("13.0.0", Some("CockroachDB CCL v24.1.0"), false);
        check("11.2-YB-2.20.1.0-b0", None, false);
        check("unheard of", None, false);
        assert!(too_old(&words, Some("13.22"), None).unwrap().contains("PostgreSQL 13.22"));
    }
}

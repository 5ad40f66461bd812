//! Refusals: one exhaustive translation of the office's errors into status, precondition and text (RFC 4918 16,
//! RFC 3253 1.6: 403 when repeating is useless, 409 when the user can do something about it).

use crate::reply::text;
use crate::route::Branch;
use crate::{privilege, token};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use kontor_groupware::Place;
use kontor_listen::{Body, BodyError, Response};
use kontor_model::{Error, Item, Rule};
use kontor_wire_dav::answer::{Condition, ErrorBody};
use kontor_wire_dav::name::{Name, caldav, carddav, dav};
use std::borrow::Cow;

/// An answer that says no.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// Status.
    pub(crate) status: StatusCode,
    /// What was not fulfilled, by the name that its specification gives it.
    pub(crate) condition: Option<Box<Condition>>,
    /// For a person.
    pub(crate) detail: Option<Cow<'static, str>>,
    /// Seconds for Retry-After, where 0 is told as 1.
    pub(crate) retry_after: Option<u32>,
    /// For Allow.
    pub(crate) allow: Option<String>,
    /// What is there now, for those who asked to see it (RFC 8144 3).
    pub(crate) instead: Option<Box<(Place, Item)>>,
    /// For the log, never for the asker.
    pub(crate) secret: Option<String>,
}

/// What a verb was about to do, as far as the translation of its errors depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The tree: its preconditions are CalDAV's or CardDAV's.
    pub(crate) branch: Branch,
    /// The resource that the request names.
    pub(crate) href: &'a str,
    /// Whether a resource was to be made where none may be (MKCOL, MKCALENDAR).
    pub(crate) making: bool,
}

impl Scope<'static> {
    /// Where no tree is meant.
    pub(crate) const fn of_door() -> Self {
        Self { branch: Branch::Calendars, href: "/dav/", making: false }
    }
}

impl Refusal {
    /// Whether it may come of what was known lately and is so no more. What the server could not do does not.
    pub(crate) fn may_be_outdated(&self) -> bool {
        self.status.is_client_error() || self.retry_after == Some(0)
    }

    /// Just a status.
    pub(crate) fn status(status: StatusCode) -> Self {
        Self {
            status,
            condition: None,
            detail: None,
            retry_after: None,
            allow: None,
            instead: None,
            secret: None,
        }
    }

    /// A status and a reason.
    pub(crate) fn because(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: Some(detail.into()), ..Self::status(status) }
    }

    /// A failed precondition.
    pub(crate) fn condition(status: StatusCode, name: Name, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Some(Box::new(Condition::Bare(name))), ..Self::because(status, detail) }
    }

    /// 404 for everything that is not there or not for this asker's eyes: one answer, so that nothing leaks.
    pub(crate) fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND)
    }

    /// The one translation of what the office refuses.
    pub(crate) fn of(error: Error, scope: Scope<'_>) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound => Self::not_found(),
            Error::Exists if scope.making => {
                Self::condition(StatusCode::METHOD_NOT_ALLOWED, dav::RESOURCE_MUST_BE_NULL, detail)
            }
            Error::Exists | Error::Stale { .. } => Self::because(StatusCode::PRECONDITION_FAILED, detail),
            Error::Forbidden { right } => {
                let privilege = privilege::needed(right);
                let condition = Condition::NeedPrivileges(vec![(scope.href.to_owned(), privilege)]);
                Self { condition: Some(Box::new(condition)), ..Self::because(StatusCode::FORBIDDEN, detail) }
            }
            Error::Invalid { rule, detail } => Self::invalid(rule, detail, scope),
            Error::TooLarge { limit, .. } => Self::beyond(limit, detail, scope.branch),
            // Both of RFC 4331 6.
            Error::Quota => {
                Self::condition(StatusCode::INSUFFICIENT_STORAGE, dav::QUOTA_NOT_EXCEEDED, detail)
            }
            Error::NoSpace => {
                Self::condition(StatusCode::INSUFFICIENT_STORAGE, dav::SUFFICIENT_DISK_SPACE, detail)
            }
            Error::Locked => {
                let condition = Condition::Hrefs(dav::LOCK_TOKEN_SUBMITTED, vec![scope.href.to_owned()]);
                Self { condition: Some(Box::new(condition)), ..Self::because(StatusCode::LOCKED, detail) }
            }
            Error::Unsupported { .. } => Self::because(StatusCode::FORBIDDEN, detail),
            Error::GoneVersion => Self::condition(StatusCode::FORBIDDEN, dav::VALID_SYNC_TOKEN, detail),
            Error::Busy { retry_after } => {
                let refusal = Self::because(StatusCode::SERVICE_UNAVAILABLE, detail);
                Self { retry_after: Some(retry_after), ..refusal }
            }
            Error::Internal(secret) => {
                Self { secret: Some(secret), ..Self::because(StatusCode::INTERNAL_SERVER_ERROR, detail) }
            }
        }
    }

    fn invalid(rule: Rule, detail: String, scope: Scope<'_>) -> Self {
        let forbidden = |name: Option<Name>| match name {
            Some(name) => Self::condition(StatusCode::FORBIDDEN, name, detail.clone()),
            None => Self::because(StatusCode::FORBIDDEN, detail.clone()),
        };
        // WebDAV itself names no conditions for content.
        let by = |calendars: Name, books: Name| match scope.branch {
            Branch::Calendars => Some(calendars),
            Branch::AddressBooks => Some(books),
            Branch::Files => None,
        };
        match rule {
            Rule::MediaType => {
                forbidden(by(caldav::SUPPORTED_CALENDAR_DATA, carddav::SUPPORTED_ADDRESS_DATA))
            }
            Rule::Data => forbidden(by(caldav::VALID_CALENDAR_DATA, carddav::VALID_ADDRESS_DATA)),
            Rule::Object => {
                forbidden(by(caldav::VALID_CALENDAR_OBJECT_RESOURCE, carddav::VALID_ADDRESS_DATA))
            }
            Rule::Component => {
                forbidden(by(caldav::SUPPORTED_CALENDAR_COMPONENT, carddav::SUPPORTED_ADDRESS_DATA))
            }
            Rule::UidConflict { name } => {
                let condition = by(caldav::NO_UID_CONFLICT, carddav::NO_UID_CONFLICT);
                let href = sibling(scope.href, &name);
                let refusal = Self::because(StatusCode::CONFLICT, detail);
                let hrefs = |condition| Box::new(Condition::Hrefs(condition, vec![href]));
                Self { condition: condition.map(hrefs), ..refusal }
            }
            Rule::UidChange => {
                let condition = by(caldav::NO_UID_CONFLICT, carddav::NO_UID_CONFLICT);
                let refusal = Self::because(StatusCode::FORBIDDEN, detail);
                let hrefs = |condition| Box::new(Condition::Hrefs(condition, vec![scope.href.to_owned()]));
                Self { condition: condition.map(hrefs), ..refusal }
            }
            Rule::Bounds => {
                forbidden(by(caldav::VALID_CALENDAR_OBJECT_RESOURCE, carddav::VALID_ADDRESS_DATA))
            }
            Rule::TooEarly => forbidden(by(caldav::MIN_DATE_TIME, carddav::VALID_ADDRESS_DATA)),
            Rule::TooLate => forbidden(by(caldav::MAX_DATE_TIME, carddav::VALID_ADDRESS_DATA)),
            Rule::Filter => forbidden(by(caldav::SUPPORTED_FILTER, carddav::SUPPORTED_FILTER)),
            Rule::Name => Self::because(StatusCode::FORBIDDEN, detail),
            Rule::Location => forbidden(by(
                caldav::CALENDAR_COLLECTION_LOCATION_OK,
                carddav::ADDRESSBOOK_COLLECTION_LOCATION_OK,
            )),
            Rule::ReadOnlyProperty => forbidden(Some(dav::CANNOT_MODIFY_PROTECTED_PROPERTY)),
        }
    }

    /// A limit, by the precondition that it has if it has one.
    fn beyond(limit: &str, detail: String, branch: Branch) -> Self {
        match (limit, branch) {
            ("max_item_size", _) => Self::too_large(branch, detail),
            ("max_occurrences", Branch::Calendars) => {
                Self::condition(StatusCode::FORBIDDEN, caldav::MAX_INSTANCES, detail)
            }
            ("max_query_items", _) => {
                Self::condition(StatusCode::FORBIDDEN, dav::NUMBER_OF_MATCHES_WITHIN_LIMITS, detail)
            }
            ("max_attendees", Branch::Calendars) => {
                Self::condition(StatusCode::FORBIDDEN, caldav::MAX_ATTENDEES_PER_INSTANCE, detail)
            }
            _ => Self::because(StatusCode::FORBIDDEN, detail),
        }
    }

    /// CALDAV:max-resource-size or CARDDAV:max-resource-size (RFC 4791 5.3.2.1, RFC 6352 6.3.2.1).
    pub(crate) fn too_large(branch: Branch, detail: impl Into<Cow<'static, str>>) -> Self {
        let name = match branch {
            Branch::Calendars => caldav::MAX_RESOURCE_SIZE,
            Branch::AddressBooks => carddav::MAX_RESOURCE_SIZE,
            Branch::Files => return Self::because(StatusCode::PAYLOAD_TOO_LARGE, detail),
        };
        Self::condition(StatusCode::FORBIDDEN, name, detail)
    }

    /// A body that could not be read.
    pub(crate) fn of_body(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => {
                Self::because(StatusCode::PAYLOAD_TOO_LARGE, "the request body is too large")
            }
            BodyError::TooSlow => {
                Self::because(StatusCode::REQUEST_TIMEOUT, "the request body came too slowly")
            }
            BodyError::Broken => Self::because(StatusCode::BAD_REQUEST, "the request body broke off"),
            BodyError::NoRoom => {
                let refusal = Self::because(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
                Self { retry_after: Some(1), ..refusal }
            }
        }
    }

    /// The answer.
    pub(crate) fn answer(self) -> Response {
        let mut answer = http::Response::new(Body::empty());
        *answer.status_mut() = self.status;
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if let Some(allow) = self.allow.as_deref().and_then(|allow| HeaderValue::try_from(allow).ok()) {
            answer.headers_mut().insert(header::ALLOW, allow);
        }
        if let Some(there) = self.instead {
            let (place, item) = *there;
            let headers = answer.headers_mut();
            text(headers, header::ETAG, token::item_etag(&place, &item.meta).as_str());
            text(headers, header::CONTENT_TYPE, &item.meta.media_type);
            headers.insert("preference-applied", HeaderValue::from_static("return=representation"));
            *answer.body_mut() = Body::full(item.body);
        } else if self.condition.is_some() || self.detail.is_some() {
            *answer.body_mut() = Body::full(self.body());
            let xml = HeaderValue::from_static("application/xml; charset=utf-8");
            answer.headers_mut().insert(header::CONTENT_TYPE, xml);
        }
        answer
    }

    /// DAV:error (RFC 4918 14.5) with the condition and the reason.
    fn body(&self) -> Bytes {
        let conditions = self.condition.iter().map(|one| (**one).clone()).collect();
        let body = ErrorBody { conditions, description: self.detail.as_deref().map(str::to_owned) };
        let mut out = Vec::with_capacity(512);
        body.write(&mut out);
        Bytes::from(out)
    }
}

impl From<kontor_wire_dav::Error> for Refusal {
    fn from(error: kontor_wire_dav::Error) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let condition = error.precondition().cloned().map(|name| Box::new(Condition::Bare(name)));
        Self { condition, ..Self::because(status, error.to_string()) }
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        Self::of_body(error)
    }
}

/// What was found, or nothing where the asker may not look: for parts of an answer that are left out then.
pub(crate) fn if_allowed<T>(found: kontor_model::Result<T>) -> kontor_model::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) => match error {
            Error::Forbidden { .. } | Error::NotFound => Ok(None),
            error => Err(error),
        },
    }
}

/// The href of the item of that name beside the one at `href`, or in the collection at `href`.
fn sibling(href: &str, name: &str) -> String {
    let end = href.rfind('/').map_or(0, |slash| slash + 1);
    crate::route::item_href(href.get(..end).unwrap_or_default(), name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontor_model::{Right, Version};

    /// Every variant; the match has no `_`, so that a new one is not forgotten here.
    fn every() -> Vec<Error> {
        let known = |error: &Error| match error {
            Error::NotFound
            | Error::Exists
            | Error::Forbidden { .. }
            | Error::Stale { .. }
            | Error::Invalid { .. }
            | Error::TooLarge { .. }
            | Error::Quota
            | Error::NoSpace
            | Error::Locked
            | Error::Unsupported { .. }
            | Error::GoneVersion
            | Error::Busy { .. }
            | Error::Internal(_) => true,
        };
        let rule = |rule: Rule| match rule {
            Rule::MediaType
            | Rule::Data
            | Rule::Object
            | Rule::Component
            | Rule::UidConflict { .. }
            | Rule::UidChange
            | Rule::Bounds
            | Rule::TooEarly
            | Rule::TooLate
            | Rule::Filter
            | Rule::Name
            | Rule::Location
            | Rule::ReadOnlyProperty => Error::Invalid { rule, detail: "line 3: why".to_owned() },
        };
        let too_large = |limit| Error::TooLarge { limit, max: 9 };
        let mut all = vec![Error::NotFound, Error::Exists];
        all.extend(Right::ALL.map(|right| Error::Forbidden { right }));
        all.extend([Error::Stale { have: Some(Version(1)) }, Error::Stale { have: None }]);
        let rules = [
            Rule::MediaType,
            Rule::Data,
            Rule::Object,
            Rule::Component,
            Rule::UidConflict { name: "b c.ics".to_owned() },
            Rule::UidChange,
            Rule::Bounds,
            Rule::TooEarly,
            Rule::TooLate,
            Rule::Filter,
            Rule::Name,
            Rule::Location,
            Rule::ReadOnlyProperty,
        ];
        all.extend(rules.map(rule));
        all.extend(
            ["max_item_size", "max_occurrences", "max_attendees", "max_grants", "max_query_items"]
                .map(too_large),
        );
        all.extend([
            Error::Quota,
            Error::NoSpace,
            Error::Locked,
            Error::Unsupported { detail: "x".to_owned() },
        ]);
        all.extend([
            Error::GoneVersion,
            Error::Busy { retry_after: 0 },
            Error::Internal("secret".to_owned()),
        ]);
        assert!(all.iter().all(known));
        all
    }

    fn word(refusal: &Refusal) -> String {
        let condition = match refusal.condition.as_deref() {
            None => String::new(),
            Some(Condition::Hrefs(name, hrefs)) => format!(" {}({})", name.local(), hrefs.join(" ")),
            Some(Condition::NeedPrivileges(missing)) => format!(" need-privileges({})", missing[0].1.local()),
            Some(other) => format!(" {}", other.name().local()),
        };
        format!("{}{condition}", refusal.status.as_u16())
    }

    #[test]
    fn every_error_has_its_answer() {
        let mut table = String::new();
        for error in every() {
            let name = format!("{error:?}");
            let name = name
                .strip_prefix("Invalid { rule: ")
                .unwrap_or(&name)
                .split([',', '('])
                .next()
                .unwrap_or_default();
            let told = |branch, making| {
                let scope = Scope { branch, href: "/dav/x/anna/default/a.ics", making };
                word(&Refusal::of(error.clone(), scope))
            };
            let (calendars, books) = (told(Branch::Calendars, false), told(Branch::AddressBooks, false));
            let made = told(Branch::Calendars, true);
            let books = if books == calendars { "=".to_owned() } else { books };
            let made = if made == calendars { "=".to_owned() } else { made };
            table.push_str(&format!("{name} | {calendars} | {books} | {made}\n"));
        }
        assert_eq!(table, include_str!("../tests/errors.txt"), "error | calendars | address books | MKCOL");
    }

    #[tokio::test]
    async fn our_own_faults_are_not_told() {
        let refusal = Refusal::of(Error::Internal("secret path".to_owned()), Scope::of_door());
        assert_eq!(refusal.secret.as_deref(), Some("secret path"));
        let answer = refusal.answer();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = answer.into_body().collect(10_000).await;
        assert!(!String::from_utf8(body.unwrap_or_default().to_vec()).unwrap_or_default().contains("secret"));
    }
}

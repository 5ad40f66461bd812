//! One file for each method.

pub(crate) mod acl;
pub(crate) mod carry;
pub(crate) mod copy;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod lock;
pub(crate) mod mkcalendar;
pub(crate) mod mkcol;
pub(crate) mod mv;
pub(crate) mod options;
pub(crate) mod patch;
pub(crate) mod post;
pub(crate) mod propfind;
pub(crate) mod proppatch;
pub(crate) mod put;
pub(crate) mod report;
pub(crate) mod unlock;

/// The methods that this door knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// RFC 9110 9.3.7.
    Options,
    /// RFC 9110 9.3.1.
    Get,
    /// RFC 9110 9.3.2.
    Head,
    /// RFC 9110 9.3.4.
    Put,
    /// RFC 5789.
    Patch,
    /// RFC 9110 9.3.5.
    Delete,
    /// RFC 5995.
    Post,
    /// RFC 4918 9.1.
    Propfind,
    /// RFC 4918 9.2.
    Proppatch,
    /// RFC 4918 9.3, RFC 5689.
    Mkcol,
    /// RFC 4791 5.3.1.
    Mkcalendar,
    /// RFC 4918 9.8.
    Copy,
    /// RFC 4918 9.9.
    Move,
    /// RFC 3253 3.6.
    Report,
    /// RFC 3744 8.1.
    Acl,
    /// RFC 4918 9.10.
    Lock,
    /// RFC 4918 9.11.
    Unlock,
}

impl Method {
    /// All, in the order in which Allow tells them.
    pub(crate) const ALL: [Self; 17] = [
        Self::Options,
        Self::Get,
        Self::Head,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Post,
        Self::Propfind,
        Self::Proppatch,
        Self::Mkcol,
        Self::Mkcalendar,
        Self::Copy,
        Self::Move,
        Self::Report,
        Self::Acl,
        Self::Lock,
        Self::Unlock,
    ];

    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Options => "OPTIONS",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Post => "POST",
            Self::Propfind => "PROPFIND",
            Self::Proppatch => "PROPPATCH",
            Self::Mkcol => "MKCOL",
            Self::Mkcalendar => "MKCALENDAR",
            Self::Copy => "COPY",
            Self::Move => "MOVE",
            Self::Report => "REPORT",
            Self::Acl => "ACL",
            Self::Lock => "LOCK",
            Self::Unlock => "UNLOCK",
        }
    }

    /// The method of that name.
    pub(crate) fn of(method: &http::Method) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == method.as_str())
    }
}

//! Names in `http://calendarserver.org/ns/`.

use super::{names, ns::CALENDARSERVER};

names! { CALENDARSERVER;
    GETCTAG = "getctag",
    SOURCE = "source",
    SUBSCRIBED = "subscribed",
    SHARED = "shared",
    SHARED_OWNER = "shared-owner",
    EMAIL_ADDRESS_SET = "email-address-set",
    EMAIL_ADDRESS = "email-address",
    CALENDAR_PROXY_READ_FOR = "calendar-proxy-read-for",
    CALENDAR_PROXY_WRITE_FOR = "calendar-proxy-write-for",
    NOTIFICATION_URL = "notification-URL",
    DROPBOX_HOME_URL = "dropbox-home-URL",
    ALLOWED_SHARING_MODES = "allowed-sharing-modes",
    PUBLISH_URL = "publish-url",
    PUSH_TRANSPORTS = "push-transports",
    PUSHKEY = "pushkey",
    FIRST_NAME = "first-name",
    LAST_NAME = "last-name",
}

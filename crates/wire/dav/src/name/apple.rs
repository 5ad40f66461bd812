//! Names in `http://apple.com/ns/ical/`.

use super::{names, ns::APPLE_ICAL};

names! { APPLE_ICAL;
    CALENDAR_COLOR = "calendar-color",
    CALENDAR_ORDER = "calendar-order",
    REFRESHRATE = "refreshrate",
}

//! SharePoint's numbers of time zones, as the field TimeZone has them (`SPRegionalSettings.GlobalTimeZones`).

use kontor_ical::zone::Zone;

/// Number and IANA name; where several zones follow one rule today, the one that more people live in is first.
const NUMBERS: [(u16, &str); 101] = [
    (4, "Europe/Berlin"),
    (3, "Europe/Paris"),
    (2, "Europe/London"),
    (51, "Europe/Moscow"),
    (10, "America/New_York"),
    (11, "America/Chicago"),
    (12, "America/Denver"),
    (13, "America/Los_Angeles"),
    (93, "Etc/UTC"),
    (59, "Europe/Kyiv"),
    (6, "Europe/Budapest"),
    (57, "Europe/Warsaw"),
    (5, "Europe/Bucharest"),
    (101, "Europe/Istanbul"),
    (23, "Asia/Kolkata"),
    (45, "Asia/Shanghai"),
    (20, "Asia/Tokyo"),
    (76, "Australia/Sydney"),
    (8, "America/Sao_Paulo"),
    (7, "Europe/Minsk"),
    (9, "America/Halifax"),
    (14, "America/Anchorage"),
    (15, "Pacific/Honolulu"),
    (16, "Pacific/Apia"),
    (17, "Pacific/Auckland"),
    (18, "Australia/Brisbane"),
    (19, "Australia/Adelaide"),
    (21, "Asia/Singapore"),
    (22, "Asia/Bangkok"),
    (24, "Asia/Dubai"),
    (25, "Asia/Tehran"),
    (26, "Asia/Baghdad"),
    (27, "Asia/Jerusalem"),
    (28, "America/St_Johns"),
    (29, "Atlantic/Azores"),
    (31, "Atlantic/Reykjavik"),
    (32, "America/Cayenne"),
    (33, "America/La_Paz"),
    (34, "America/Indiana/Indianapolis"),
    (35, "America/Bogota"),
    (36, "America/Regina"),
    (37, "America/Mexico_City"),
    (38, "America/Phoenix"),
    (39, "Etc/GMT+12"),
    (40, "Pacific/Fiji"),
    (41, "Pacific/Guadalcanal"),
    (42, "Australia/Hobart"),
    (43, "Pacific/Port_Moresby"),
    (44, "Australia/Darwin"),
    (46, "Asia/Novosibirsk"),
    (47, "Asia/Tashkent"),
    (48, "Asia/Kabul"),
    (49, "Africa/Cairo"),
    (50, "Africa/Johannesburg"),
    (53, "Atlantic/Cape_Verde"),
    (54, "Asia/Baku"),
    (55, "America/Guatemala"),
    (56, "Africa/Nairobi"),
    (58, "Asia/Yekaterinburg"),
    (60, "America/Nuuk"),
    (61, "Asia/Yangon"),
    (62, "Asia/Kathmandu"),
    (63, "Asia/Irkutsk"),
    (64, "Asia/Krasnoyarsk"),
    (65, "America/Santiago"),
    (66, "Asia/Colombo"),
    (67, "Pacific/Tongatapu"),
    (68, "Asia/Vladivostok"),
    (69, "Africa/Lagos"),
    (70, "Asia/Yakutsk"),
    (71, "Asia/Almaty"),
    (72, "Asia/Seoul"),
    (73, "Australia/Perth"),
    (74, "Asia/Riyadh"),
    (75, "Asia/Taipei"),
    (77, "America/Mazatlan"),
    (78, "America/Tijuana"),
    (79, "Asia/Amman"),
    (80, "Asia/Beirut"),
    (81, "America/Cuiaba"),
    (82, "Asia/Tbilisi"),
    (83, "Africa/Windhoek"),
    (84, "Asia/Yerevan"),
    (85, "America/Argentina/Buenos_Aires"),
    (86, "Africa/Casablanca"),
    (87, "Asia/Karachi"),
    (88, "America/Caracas"),
    (89, "Indian/Mauritius"),
    (90, "America/Montevideo"),
    (91, "America/Asuncion"),
    (92, "Asia/Kamchatka"),
    (94, "Asia/Ulaanbaatar"),
    (95, "Etc/GMT+11"),
    (96, "Etc/GMT+2"),
    (97, "Etc/GMT-12"),
    (98, "Asia/Damascus"),
    (99, "Asia/Magadan"),
    (100, "Europe/Kaliningrad"),
    (102, "Asia/Dhaka"),
    (103, "America/Bahia"),
    (104, "Europe/Chisinau"),
];

/// The number of a zone: its own, or that of one with the same name in the time zone database. `None` if it has none.
pub(crate) fn number_of(zone: &Zone) -> Option<u16> {
    let name = zone.iana_name()?;
    let canonical = |own: &str| Zone::iana(own).is_some_and(|own| own.iana_name() == Some(name));
    NUMBERS
        .iter()
        .find(|(_, own)| *own == name)
        .or_else(|| NUMBERS.iter().find(|(_, own)| canonical(own)))
        .map(|(number, _)| *number)
}

/// The zone of a number.
pub(super) fn zone_of(number: &str) -> Option<Zone> {
    let number: u16 = number.trim().parse().ok()?;
    NUMBERS.iter().find(|(own, _)| *own == number).and_then(|(_, name)| Zone::iana(name))
}

/// All zones that have a number, the likelier ones first.
pub(super) fn zones() -> impl Iterator<Item = Zone> {
    NUMBERS.iter().filter_map(|(_, name)| Zone::iana(name))
}

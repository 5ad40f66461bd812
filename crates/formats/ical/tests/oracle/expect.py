"""Generates recurrence cases from a fixed seed and writes what python-dateutil and recurring-ical-events make of them.

usage: expect.py OUTPUT.json

Every case is {"name", "text", "floating", "from", "to", "expect"}: an iCalendar text, the zone of floating times, a range
of instants, and the sorted instants at which occurrences start in it. Cases of recurring-ical-events also have "ends".

What the generator leaves out because the oracle is known to be wrong there (src/rule/expand.rs tests what is right):
- BYDAY with plain and numbered weekdays in one rule: dateutil wants both to hold, the standard wants either.
- FREQ=WEEKLY with BYSETPOS and a DTSTART inside its week: dateutil counts the first week from DTSTART on.
- BYWEEKNO=52, 53, -52 or -53: dateutil miscounts the weeks of the year before (2011-01-02 is in week 52 of 2010, not 53),
  and does not see that the last days of a year can lie in the first week of the next.
- Ends of series whose end is DTEND: recurring-ical-events keeps the wall-clock length, the standard the exact one. So the
  exact one is worked out here.
"""

import json
import random
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr

SEED = 20260105
RULES = 1600
OBJECTS = 800

ZONES = [
    "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Asia/Kolkata", "Europe/Dublin", "Pacific/Apia", "Asia/Tehran", "Pacific/Auckland", "UTC",
]
# Other names under which clients mean the same zone.
ALIASES = {
    "Europe/Berlin": ["W. Europe Standard Time", "/mozilla.org/20050126_1/Europe/Berlin", "Our Office"],
    "America/New_York": ["Eastern Standard Time", "/freeassociation.sourceforge.net/Tzfile/America/New_York"],
}
OUR_OFFICE = """BEGIN:VTIMEZONE
TZID:Our Office
BEGIN:STANDARD
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19810329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
UTC = timezone.utc

dice = random.Random(SEED)


def some(values, most):
    return sorted(dice.sample(list(values), dice.randint(1, most)))


def joined(values):
    return ",".join(str(value) for value in values)


def chance(percent):
    return dice.randrange(100) < percent


def stamp(moment):
    if isinstance(moment, datetime):
        return moment.strftime("%Y%m%dT%H%M%S") + ("Z" if moment.tzinfo is UTC else "")
    return moment.strftime("%Y%m%d")


def instant(moment, zone):
    """A naive or aware datetime as an instant; in a gap the offset before it, of two passes the first."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def calendar(lines):
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//oracle//\n" + lines + "END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


def ordinal_days(freq):
    numbers = [1, 2, 3, 4, 5, -1, -2] if freq == "MONTHLY" else [1, 2, 10, 20, 53, -1, -10]
    return [f"{dice.choice(numbers)}{day}" for day in dice.sample(DAYS, dice.randint(1, 3))]


def by_date(freq):
    """The day-sized parts of a rule, never contradicting each other: dateutil would look for ever."""
    parts = {}
    if freq == "YEARLY":
        kind = dice.randrange(7)
        if kind == 0:
            parts["BYYEARDAY"] = joined(some([1, 59, 60, 100, 200, 365, 366, -1, -100, -366], 4))
        elif kind == 1:
            parts["BYWEEKNO"] = joined(some([1, 2, 20, 40, 51, -1, -2], 3))
            parts["BYDAY"] = joined(some(DAYS, 3))
        elif kind == 2:
            parts["BYMONTH"] = joined(some(range(1, 13), 4))
            parts["BYDAY"] = joined(ordinal_days("MONTHLY"))
        elif kind == 3:
            parts["BYDAY"] = joined(ordinal_days("YEARLY"))
        elif kind == 4:
            parts["BYMONTH"] = joined(some(range(1, 13), 4))
            parts["BYMONTHDAY"] = joined(some([1, 2, 13, 28, -1, -2, -28], 3))
        elif kind == 5:
            parts["BYMONTHDAY"] = joined(some([1, 15, 29, 30, 31, -1, -31], 3))
    elif freq == "MONTHLY":
        kind = dice.randrange(6)
        if kind == 0:
            parts["BYDAY"] = joined(ordinal_days(freq))
        elif kind == 1:
            parts["BYDAY"] = joined(some(DAYS, 5))
        elif kind == 2:
            parts["BYMONTHDAY"] = joined(some([1, 5, 15, 28, 29, 30, 31, -1, -5, -31], 4))
        elif kind == 3:
            parts["BYMONTHDAY"] = joined(some(range(1, 29), 8))
            parts["BYDAY"] = joined(some(DAYS, 4))
        elif kind == 4:
            parts["BYMONTH"] = joined(some(range(1, 13), 5))
    elif freq == "WEEKLY":
        if chance(70):
            parts["BYDAY"] = joined(some(DAYS, 4))
        if chance(15):
            parts["BYMONTH"] = joined(some(range(1, 13), 6))
    else:
        if chance(30):
            parts["BYDAY"] = joined(some(DAYS, 5))
        if chance(20):
            parts["BYMONTH"] = joined(some(range(1, 13), 8))
        if freq == "DAILY" and chance(15):
            parts["BYMONTHDAY"] = joined(some([1, 7, 13, 28, -1, -3], 4))
    return parts


def by_clock(freq):
    parts = {}
    if chance(25):
        parts["BYHOUR"] = joined(some(range(24), 4))
    if chance(20):
        parts["BYMINUTE"] = joined(some(range(0, 60, 5), 3))
    if chance(10) or freq == "SECONDLY" and chance(30):
        parts["BYSECOND"] = joined(some(range(0, 60, 6), 4))
    return parts


INTERVALS = {
    "YEARLY": [1, 1, 1, 2, 3, 4], "MONTHLY": [1, 1, 1, 2, 3, 5, 12], "WEEKLY": [1, 1, 1, 2, 3, 5],
    "DAILY": [1, 1, 2, 3, 10, 45], "HOURLY": [1, 2, 3, 5, 7, 24, 36], "MINUTELY": [1, 5, 15, 20, 45, 90, 1440],
    "SECONDLY": [1, 7, 30, 60, 100, 3600, 5000],
}
# How far after the start the range may begin, and how long it is, in days.
REACH = {
    "YEARLY": (8000, 4000), "MONTHLY": (4000, 700), "WEEKLY": (3000, 200), "DAILY": (2000, 90), "HOURLY": (60, 6),
    "MINUTELY": (4, 1), "SECONDLY": (0.3, 0.1),
}


def rule(freq, start):
    """A rule without an end, as a dict, and whether its times are those of the start."""
    parts = {"FREQ": freq}
    interval = dice.choice(INTERVALS[freq])
    if interval != 1:
        parts["INTERVAL"] = interval
    parts.update(by_date(freq))
    if isinstance(start, datetime) and (freq in ("HOURLY", "MINUTELY", "SECONDLY") or chance(15)):
        parts.update(by_clock(freq))
    wkst = 0
    if chance(25):
        wkst = dice.choice([6, 6, 5, 2])
        parts["WKST"] = DAYS[wkst]
    inside_week = freq == "WEEKLY" and start.weekday() != wkst
    if len(parts) > 1 and not inside_week and chance(15):
        # One that every set has, so that dateutil does not look for ever.
        parts["BYSETPOS"] = joined({dice.choice([1, -1]), dice.choice([1, 2, -2, 10, -10])})
    return parts


def random_start():
    day = date(2000, 1, 1) + timedelta(days=dice.randrange(9500))
    clock = dice.choice([(0, 0, 0), (2, 30, 0), (1, 15, 0), (9, 0, 0), (14, 45, 30), (23, 30, 0), (23, 59, 59)])
    return datetime(day.year, day.month, day.day, *clock)


def rule_case(number):
    """One rule on its own, by python-dateutil."""
    freq = dice.choice(["YEARLY", "MONTHLY", "MONTHLY", "WEEKLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"])
    zone_name = dice.choice(ZONES)
    zone = ZoneInfo(zone_name)
    form = dice.choice(["zoned", "zoned", "zoned", "utc", "floating", "date"])
    if form == "date" and freq in ("HOURLY", "MINUTELY", "SECONDLY"):
        form = "zoned"
    start = random_start()
    if form == "date":
        start = start.replace(hour=0, minute=0, second=0)
    parts = rule(freq, start.date() if form == "date" else start)
    far, long = REACH[freq]
    end = dice.randrange(3)
    # Series that end are looked at near their start.
    low = start + timedelta(days=dice.random() * (far if end == 2 else far / 20) - 1)
    high = low + timedelta(days=dice.random() * long + 0.01)
    aware = {"zoned": zone, "utc": UTC}.get(form)
    begin = start.replace(tzinfo=aware)
    if end == 0:
        parts["COUNT"] = dice.randint(1, 60)
    elif end == 1:
        last = start + timedelta(days=dice.random() * far / 2)
        last = last.replace(microsecond=0, hour=start.hour, minute=start.minute, second=start.second)
        if form == "date":
            parts["UNTIL"] = stamp(last.date())
        elif form == "floating":
            parts["UNTIL"] = stamp(last)
        else:
            # On the dot, or a second before.
            parts["UNTIL"] = stamp((last.replace(tzinfo=aware) - timedelta(seconds=dice.randrange(2))).astimezone(UTC))
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        found = rrulestr(text, dtstart=begin).between(low.replace(tzinfo=aware), high.replace(tzinfo=aware), inc=True)
    except ValueError as error:
        if "empty" not in str(error):
            raise
        found = []
    bounds = instant(low.replace(tzinfo=aware), zone), instant(high.replace(tzinfo=aware), zone)
    instants = {instant(one, zone) for one in [*found, begin]}
    line = {
        "zoned": f"DTSTART;TZID={zone_name}:{stamp(start)}", "utc": f"DTSTART:{stamp(start)}Z",
        "floating": f"DTSTART:{stamp(start)}", "date": f"DTSTART;VALUE=DATE:{stamp(start.date())}",
    }[form]
    lines = f"BEGIN:VEVENT\nUID:rule-{number}\n{line}\nRRULE:{text}\nEND:VEVENT\n"
    return {
        "name": f"rule {number}: {line} {text}", "text": calendar(lines), "floating": zone_name,
        "from": bounds[0] + 1, "to": bounds[1],
        "expect": sorted(one for one in instants if bounds[0] + 1 <= one < bounds[1]),
    }


class Event:
    """A series with exceptions, written for the oracle and for us."""

    def __init__(self, number):
        self.number = number
        self.zone_name = dice.choice(ZONES[:-1])
        self.zone = ZoneInfo(self.zone_name)
        self.form = dice.choice(["zoned", "zoned", "zoned", "utc", "floating", "date"])
        # Midday in January: the first instance does not cross a change of clocks.
        clock = dice.choice([(2, 30), (9, 0), (12, 15), (23, 0), (0, 0)])
        self.start = datetime(dice.randrange(2005, 2026), 1, dice.randrange(5, 28), *clock)
        if self.form == "date":
            self.start = self.start.replace(hour=0, minute=0)
        freq = dice.choice(["YEARLY", "MONTHLY", "MONTHLY", "WEEKLY", "WEEKLY", "DAILY"])
        parts = {name: value for name, value in rule(freq, self.start.date()).items()}
        if chance(50):
            parts["COUNT"] = dice.randint(2, 40)
        self.rule = ";".join(f"{name}={value}" for name, value in parts.items())
        self.length, self.by_duration = self.some_length()
        self.instances = [self.start] + [one for one, _ in zip(rrulestr(self.rule, dtstart=self.start), range(30))]
        self.instances = sorted(set(self.instances))

    def some_length(self):
        if self.form == "date":
            return timedelta(days=dice.randint(1, 3)), chance(50)
        if chance(20):
            return timedelta(days=dice.randint(1, 2)), True
        return timedelta(minutes=dice.choice([0, 15, 60, 90, 240])), chance(50)

    def dated(self, name, moment, tzid):
        if self.form == "date":
            return f"{name};VALUE=DATE:{stamp(moment.date())}\n"
        if self.form == "zoned":
            return f"{name};TZID={tzid}:{stamp(moment)}\n"
        return f"{name}:{stamp(moment)}{'Z' if self.form == 'utc' else ''}\n"

    def span(self, start, length, by_duration, tzid):
        lines = self.dated("DTSTART", start, tzid)
        if not by_duration:
            return lines + self.dated("DTEND", start + length, tzid)
        if length.days:
            return lines + f"DURATION:P{length.days}D\n"
        return lines + f"DURATION:PT{length.seconds // 60}M\n"

    def master(self, tzid, extra):
        return (
            f"BEGIN:VEVENT\nUID:object-{self.number}\n" + self.span(self.start, self.length, self.by_duration, tzid)
            + f"RRULE:{self.rule}\n" + extra + "END:VEVENT\n"
        )

    def override(self, instance, shift, length, future, tzid):
        head = self.dated("RECURRENCE-ID", instance, tzid)
        if future:
            head = head.replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE", 1)
        return (
            f"BEGIN:VEVENT\nUID:object-{self.number}\n" + head
            + self.span(instance + shift, length, self.by_duration, tzid) + "END:VEVENT\n"
        )


def shift_for(event):
    if event.form == "date":
        return timedelta(days=dice.randint(-2, 2))
    return timedelta(minutes=dice.choice([-90, -30, 0, 45, 120, 1500]))


def object_case(number):
    """A series with exceptions, by recurring-ical-events."""
    event = Event(number)
    pool = list(event.instances)
    dice.shuffle(pool)
    extra, overrides = [], []
    for _ in range(dice.randint(0, 3)):
        if pool:
            extra.append(("EXDATE", pool.pop()))
    for _ in range(dice.randint(0, 2)):
        extra.append(("RDATE", event.start + timedelta(days=dice.randint(400, 900))))
    for _ in range(dice.randint(0, 3)):
        if pool:
            overrides.append((pool.pop(), shift_for(event), event.length, False))
    if chance(45):
        for _ in range(dice.randint(1, 2)):
            if pool:
                length = event.some_length()[0] if event.form == "date" else event.length + timedelta(minutes=30)
                if event.length.days:
                    length = event.length
                overrides.append((pool.pop(), shift_for(event), length, True))

    def text(tzid):
        lines = event.master(tzid, "".join(event.dated(name, moment, tzid) for name, moment in extra))
        lines += "".join(event.override(*one, tzid) for one in overrides)
        return calendar((OUR_OFFICE if tzid == "Our Office" else "") + lines)

    alias = dice.choice(ALIASES.get(event.zone_name, [event.zone_name])) if chance(40) else event.zone_name
    low = event.start + timedelta(days=dice.choice([-10, 0, dice.randint(0, 60), dice.randint(0, 500)]))
    high = low + timedelta(days=dice.randint(30, 800))
    low, high = low.replace(tzinfo=UTC), high.replace(tzinfo=UTC)
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text(event.zone_name))).between(
        low - timedelta(days=10), high + timedelta(days=10)
    )
    spans = sorted(told(one, event) for one in found)
    bounds = int(low.timestamp()), int(high.timestamp())
    spans = [one for one in spans if bounds[0] <= one[0] < bounds[1]]
    return {
        "name": f"object {number}", "text": text(alias), "floating": event.zone_name, "from": bounds[0], "to": bounds[1],
        "expect": [one[0] for one in spans], "ends": [one[1] for one in spans],
    }


def told(component, event):
    """Start and end of an occurrence as instants."""
    start, end = component["DTSTART"].dt, component["DTEND"].dt
    if not isinstance(start, datetime):
        start, end = (datetime(one.year, one.month, one.day) for one in (start, end))
    first = instant(start, event.zone)
    if event.by_duration or event.form in ("date", "floating"):
        wall = end - start
        exact = instant((start + timedelta(days=wall.days)).replace(tzinfo=start.tzinfo), event.zone)
        return first, (exact if wall.days else first) + wall.seconds
    return first, first + int((end.replace(tzinfo=None) - start.replace(tzinfo=None)).total_seconds())


def main():
    cases = [rule_case(number) for number in range(RULES)] + [object_case(number) for number in range(OBJECTS)]
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(cases, out)


main()

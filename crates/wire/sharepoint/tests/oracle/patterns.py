"""Generates series as Outlook sends them and works out their occurrences, by a reading of MS-OUTSPS of its own.

usage: patterns.py > CASES.json

Every case is {"fields": {name: value}, "starts": [instants], "until": instant}: the fields of a row, and when the
occurrences before that instant start. Only Python's standard library is used.
"""

import json
import sys
import uuid
from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone
from itertools import count, islice

DAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"]
SETS = {"day": range(7), "weekday": range(5), "weekend_day": (5, 6)}
NTH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
UTC = timezone.utc
# (bias, daylight bias, to daylight, to standard); a change is (nth, weekday, month, hour). Minutes west of Greenwich.
ZONES = {
    "Berlin": (-60, -60, ("last", "su", 3, 2), ("last", "su", 10, 3)),
    "New York": (300, -60, ("second", "su", 3, 2), ("first", "su", 11, 2)),
    "Sydney": (-600, -60, ("first", "su", 10, 2), ("first", "su", 4, 3)),
    "Kolkata": (-330, 0, None, None),
}
YEARS = 5


def in_month(year, month):
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


def nth_of(year, month, which, weekdays):
    """The nth day of a month that is one of these weekdays."""
    return [day for day in in_month(year, month) if day.weekday() in weekdays][NTH[which]]


def offset(zone, local):
    """Offset from UTC of a local time, as the rule of the zone says."""
    bias, more, summer, winter = ZONES[zone]
    if summer is None:
        return timedelta(minutes=-bias)

    def change(rule):
        which, weekday, month, hour = rule
        return datetime.combine(nth_of(local.year, month, which, [DAYS.index(weekday)]), time(hour))

    begin, end = change(summer), change(winter)
    is_summer = begin <= local < end if begin < end else not end <= local < begin
    return timedelta(minutes=-bias - (more if is_summer else 0))


def zone_xml(zone):
    bias, more, summer, winter = ZONES[zone]
    text = f"<timeZoneRule><standardBias>{bias}</standardBias><additionalDaylightBias>{more}</additionalDaylightBias>"
    changes = (("standardDate", winter), ("daylightDate", summer)) if summer else ()
    for name, (which, weekday, month, hour) in changes:
        text += f'<{name}><transitionRule month="{month}" day="{weekday}" weekdayOfMonth="{which}" />'
        text += f"<transitionTime>{hour}:0:0</transitionTime></{name}>"
    return text + "</timeZoneRule>"


def truths(names):
    return " ".join(f'{name}="TRUE"' for name in names)


def months(every, start):
    """The months of a pattern, as (year, month), from the one of the start on."""
    for number in count(start.year * 12 + start.month - 1, every):
        yield number // 12, number % 12 + 1


def daily(every):
    return f'<daily dayFrequency="{every}" />', lambda start: (start + timedelta(every * n) for n in count())


def workdays():
    return '<daily weekday="TRUE" />', lambda start: (
        day for day in (start + timedelta(n) for n in count()) if day.weekday() < 5
    )


def weekly(every, names, first):
    wanted = [DAYS.index(name) for name in names]

    def days(start):
        monday = start - timedelta((start.weekday() - DAYS.index(first)) % 7)
        for week in count(0, every):
            for day in (monday + timedelta(week * 7 + n) for n in range(7)):
                if day.weekday() in wanted:
                    yield day

    return f'<weekly {truths(names)} weekFrequency="{every}" />', days


def monthly(every, on):
    def days(start):
        for year, month in months(every, start):
            yield date(year, month, min(on, monthrange(year, month)[1]))

    return f'<monthly monthFrequency="{every}" day="{on}" />', days


def monthly_by_day(every, which, name):
    wanted = SETS.get(name) or [DAYS.index(name)]
    text = f'<monthlyByDay {name}="TRUE" weekdayOfMonth="{which}" monthFrequency="{every}" />'
    return text, lambda start: (nth_of(*month, which, wanted) for month in months(every, start))


def yearly(every, month, on):
    text = f'<yearly yearFrequency="{every}" month="{month}" day="{on}" />'

    def days(start):
        for year in count(start.year, every):
            yield date(year, month, min(on, monthrange(year, month)[1]))

    return text, days


def yearly_by_day(every, month, which, name):
    wanted = SETS.get(name) or [DAYS.index(name)]
    text = f'<yearlyByDay yearFrequency="{every}" {name}="TRUE" weekdayOfMonth="{which}" month="{month}" />'
    return text, lambda start: (nth_of(year, month, which, wanted) for year in count(start.year, every))


def patterns():
    """(first day of the week, XML, the days from some day on) of all patterns."""
    for every in (1, 2, 10):
        yield "su", *daily(every)
    yield "mo", *workdays()
    for every in (1, 2, 3):
        for names in (["mo"], ["mo", "we", "fr"], ["tu", "su"], DAYS):
            for first in ("su", "mo", "sa"):
                yield first, *weekly(every, names, first)
    for every in (1, 2, 3, 12):
        for on in (1, 15, 28, 29, 30, 31):
            yield "su", *monthly(every, on)
    for which in NTH:
        for name in (*DAYS, *SETS):
            yield "mo", *monthly_by_day(1, which, name)
            yield "su", *monthly_by_day(3, which, name)
            yield "su", *yearly_by_day(1, 2, which, name)
    for every in (1, 2):
        for month, on in ((1, 1), (2, 28), (2, 29), (4, 30), (12, 31)):
            yield "su", *yearly(every, month, on)
        yield "su", *yearly_by_day(every, 11, "fourth", "th")


def iso(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def case(number, first, repeat, days_from, zone, clock, length):
    base = date(2026, 1 + number % 12, 1 + number % 28)
    begin = next(day for day in days_from(base) if day >= base)

    def instant(day):
        local = datetime.combine(day, clock)
        return (local - offset(zone, local)).replace(tzinfo=UTC)

    # From the first occurrence on: it is the one that intervals are counted from.
    days = (day for day in days_from(begin) if day >= begin)
    until = datetime(2026 + YEARS, 1, 1, tzinfo=UTC)
    kind = number % 5
    if kind == 0:
        days, last, end = days, None, "<repeatForever>FALSE</repeatForever>"
    elif kind == 1:
        days = list(islice(days, 1 + number % 17))
        last, end = days[-1], f"<repeatInstances>{len(days)}</repeatInstances>"
    else:
        days = list(islice(days, 1 + number % 23))
        last = days[-1]
        spelled = {
            2: instant(last),
            3: datetime.combine(last, time(), UTC) - offset(zone, datetime.combine(last, time())),
            4: datetime.combine(last, time(), UTC),
        }[kind]
        end = f"<windowEnd>{iso(spelled)}</windowEnd>"
    starts = []
    for day in days:
        if instant(day) >= until:
            break
        starts.append(int(instant(day).timestamp()))
    ends = instant(last or begin + timedelta(36525)) + timedelta(seconds=length)
    fields = {
        "Title": "S", "EventType": "1", "fRecurrence": "1", "fAllDayEvent": "0", "UID": f"{{{uuid.UUID(int=number)}}}",
        "EventDate": iso(instant(begin)), "EndDate": iso(ends), "Duration": str(length), "XMLTZone": zone_xml(zone),
        "RecurrenceData": f"<recurrence><rule><firstDayOfWeek>{first}</firstDayOfWeek>"
                          f"<repeat>{repeat}</repeat>{end}</rule></recurrence>",
    }
    return {"fields": fields, "starts": starts, "until": int(until.timestamp())}


def main():
    cases = []
    clocks = [time(9, 30), time(0, 0), time(23, 30), time(6, 45)]
    for first, repeat, days_from in patterns():
        for zone in ZONES:
            number = len(cases)
            cases.append(case(number, first, repeat, days_from, zone, clocks[number // 4 % 4], 1800 * (1 + number % 6)))
    json.dump(cases, sys.stdout)


main()

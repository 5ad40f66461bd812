"""Operations of the caldav library against one server: URL, user, password. Any wrong answer raises."""
import sys
import uuid
from datetime import date, datetime, timedelta, timezone

import caldav
from caldav.elements import dav
from caldav.lib import error

url, user, password = sys.argv[1:]
UTC = timezone.utc


def at(day, hour=10):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def summaries(found):
    return sorted(str(one.get_icalendar_component()["SUMMARY"]) for one in found)


def check(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, got {found!r}")
    print("ok", what)


client = caldav.DAVClient(url=url, username=user, password=password)
principal = client.principal()
calendars = {c.url.path.rstrip("/").rsplit("/", 1)[-1]: c for c in principal.get_calendars()}
check("collections of a new account", sorted(calendars), ["default", "tasks"])
check("kinds of default", sorted(calendars["default"].get_supported_components())[0], "VEVENT")
check("kinds of tasks", list(calendars["tasks"].get_supported_components()), ["VTODO"])

# -- calendars ---------------------------------------------------------------------------------------------------
work = principal.make_calendar(name="Work", cal_id="work", supported_calendar_component_set=["VEVENT"])
names = {c.url.path: c.get_display_name() for c in principal.get_calendars()}
check("make_calendar", names[work.url.path], "Work")
work.set_properties([dav.DisplayName("Work and travel")])
check("set_properties", principal.calendar(cal_id="work").get_display_name(), "Work and travel")

# -- events ------------------------------------------------------------------------------------------------------
single = work.add_event(uid="single", dtstart=at(2), dtend=at(2, 11), summary="Single", location="Room 1")
work.add_event(uid="day", dtstart=date(2026, 3, 10), dtend=date(2026, 3, 11), summary="Whole day")
work.add_event(
    uid="weekly", dtstart=at(3), dtend=at(3, 11), summary="Weekly", rrule={"FREQ": "WEEKLY", "COUNT": 10}
)
check("get_events", summaries(work.get_events()), ["Single", "Weekly", "Whole day"])
check("get_event_by_uid", summaries([work.get_event_by_uid("single")]), ["Single"])
try:
    work.get_event_by_uid("nobody")
    raise SystemExit("an unknown UID was found")
except error.NotFoundError:
    print("ok unknown UID")
with single.edit_icalendar_component() as component:
    component["SUMMARY"] = "Single, edited"
single.save()
check("save", summaries([work.get_event_by_uid("single")]), ["Single, edited"])

# -- search ------------------------------------------------------------------------------------------------------
month = dict(start=at(1), end=at(29), event=True)
check("search by time", summaries(work.search(**month)), ["Single, edited", "Weekly", "Whole day"])
check("search finds recurring", summaries(work.search(start=at(17), end=at(18), event=True)), ["Weekly"])
check("search outside", summaries(work.search(start=at(5), end=at(6), event=True)), [])
expanded = work.search(start=at(1), end=at(29), event=True, server_expand=True)
check("search expanded by the server", summaries(expanded), ["Single, edited"] + ["Weekly"] * 4 + ["Whole day"])
check("search by text", summaries(work.search(event=True, summary="Single")), ["Single, edited"])
searcher = work.searcher(event=True)
searcher.add_property_filter("SUMMARY", "sINGLE", case_sensitive=False)
check("search by text, any case", summaries(searcher.search()), ["Single, edited"])
check("search by location", summaries(work.search(event=True, location="Room 1")), ["Single, edited"])
busy = work.freebusy_request(at(1), at(29))
check("free-busy", busy.get_data().count("FREEBUSY") >= 1, True)

# -- tasks and journals ------------------------------------------------------------------------------------------
tasks = calendars["tasks"]
tasks.add_todo(uid="chairs", summary="Order chairs", due=at(20))
tasks.add_todo(uid="tables", summary="Order tables", priority=1)
check("get_todos", summaries(tasks.get_todos()), ["Order chairs", "Order tables"])
tasks.get_todo_by_uid("chairs").complete()
check("pending tasks", summaries(tasks.get_todos()), ["Order tables"])
check("all tasks", summaries(tasks.get_todos(include_completed=True)), ["Order chairs", "Order tables"])
try:
    tasks.add_event(uid="wrong", dtstart=at(2), dtend=at(2, 11), summary="Not a task")
    raise SystemExit("a task list took an event")
except error.DAVError:
    print("ok a task list refuses an event")
notes = principal.make_calendar(name="Notes", cal_id="notes", supported_calendar_component_set=["VJOURNAL"])
notes.add_journal(uid="note", dtstart=date(2026, 3, 1), summary="A note")
check("get_journals", summaries(notes.get_journals()), ["A note"])

# -- sync --------------------------------------------------------------------------------------------------------
state = work.get_objects_by_sync_token(load_objects=True, disable_fallback=True)
check("initial sync", len(list(state)), 3)
work.add_event(uid="late", dtstart=at(25), dtend=at(25, 11), summary="Late")
work.get_event_by_uid("day").delete()
with single.edit_icalendar_component() as component:
    component["SUMMARY"] = "Single, edited twice"
single.save()
changed = work.get_objects_by_sync_token(state.sync_token, disable_fallback=True)
paths = sorted(str(one.url).rsplit("/", 1)[-1].removesuffix(".ics") for one in changed)
check("delta", paths, ["day", "late", "single"])
updated, deleted = state.sync()
check("sync()", (len(list(updated)), len(list(deleted))), (2, 1))
check("synchronised", summaries(list(state)), ["Late", "Single, edited twice", "Weekly"])
again = work.get_objects_by_sync_token(state.sync_token, disable_fallback=True)
check("nothing new", len(list(again)), 0)

# -- many at once ------------------------------------------------------------------------------------------------
batch = principal.make_calendar(name="Batch", cal_id=f"batch-{uuid.uuid4()}")
for n in range(40):
    batch.add_event(uid=f"n{n}", dtstart=at(1) + timedelta(hours=n), dtend=at(1) + timedelta(hours=n + 1), summary=f"{n}")
urls = [one.url for one in batch.get_events()]
check("multiget", len(list(batch.multiget(urls))), 40)
batch.delete()
work.delete()
notes.delete()
left = sorted(c.url.path.rstrip("/").rsplit("/", 1)[-1] for c in principal.get_calendars())
check("deleted calendars are gone", left, ["default", "tasks"])
print("all operations work")

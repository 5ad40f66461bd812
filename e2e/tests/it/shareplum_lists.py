"""SharePlum (v2007) against the lists of one site: URL, user, password. Any wrong answer raises."""
import sys
from datetime import datetime

from list_grammar import Watch
from requests.auth import HTTPBasicAuth
from shareplum import Site
from shareplum.errors import ShareplumRequestError
from shareplum.site import Version

url, user, password = sys.argv[1:]


def check(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, got {found!r}")
    print("ok", what)


site = Site(url, version=Version.v2007, auth=HTTPBasicAuth(user, password))
watch = Watch(site._session)
check("who is on the site", sorted(site.users["py"]), [user])

# -- a calendar --------------------------------------------------------------------------------------------------
events = site.List("default")
check("an empty calendar", events.GetListItems(), [])
new = [
    {"Title": f"Event {n}", "Location": "Room & <b>", "Start Time": datetime(2026, 3, n, 10),
     "End Time": datetime(2026, 3, n, 11)}
    for n in range(1, 6)
]
check("New", set(events.UpdateListItems(data=new, kind="New").values()), {"0x00000000"})
found = events.GetListItems(fields=["ID", "Title", "Location", "Start Time"])
check("what was made", [(row["Title"], row["Start Time"]) for row in found],
      [(f"Event {n}", datetime(2026, 3, n, 10)) for n in range(1, 6)])
check("text with markup", found[0]["Location"], "Room & <b>")
ids = [row["ID"] for row in found]
check("numbers", ids, ["1", "2", "3", "4", "5"])

check("Update", set(events.UpdateListItems(
    data=[{"ID": ids[0], "Title": "Changed"}, {"ID": ids[1], "Start Time": datetime(2026, 4, 1, 9),
                                              "End Time": datetime(2026, 4, 1, 10)}],
    kind="Update").values()), {"0x00000000"})
found = {row["ID"]: row for row in events.GetListItems()}
check("what was changed", (found[ids[0]]["Title"], found[ids[0]]["Start Time"]), ("Changed", datetime(2026, 3, 1, 10)))
check("what was moved", (found[ids[1]]["Title"], found[ids[1]]["Start Time"]), ("Event 2", datetime(2026, 4, 1, 9)))

query = {"Where": [("Eq", "Title", "Event 3")]}
check("Where", [row["ID"] for row in events.GetListItems(fields=["ID"], query=query)], [ids[2]])
query = {"OrderBy": [("Title", "DESCENDING")]}
check("row limit", len(events.GetListItems(fields=["ID"], row_limit=2)), 2)

check("Delete", set(events.UpdateListItems(data=ids[3:], kind="Delete").values()), {"0x00000000"})
check("what is left", sorted(row["ID"] for row in events.GetListItems()), ids[:3])
gone = events.UpdateListItems(data=[ids[4]], kind="Delete")
check("Delete of what is gone", list(gone.values())[0][0], "0x81020016")
check("New again", events.UpdateListItems(data=[{"Title": "Sixth", "Start Time": datetime(2026, 5, 1, 9),
                                                "End Time": datetime(2026, 5, 1, 10)}], kind="New"), {"1,New": "0x00000000"})
check("numbers are not given twice", sorted(row["ID"] for row in events.GetListItems())[-1], "6")
check("attachments", events.GetAttachmentCollection("6"), [])

# -- lists that are not there ------------------------------------------------------------------------------------
for name in ["nothing", "{00000000-0000-0000-0000-000000000001}"]:
    try:
        site.List(name)
    except ShareplumRequestError:
        print("ok no list", name)
    else:
        raise SystemExit(f"{name} was found")

# -- everybody ---------------------------------------------------------------------------------------------------
employees = site.List("Employees")
people = employees.GetListItems()
check("employees", [row["Last Name" if "Last Name" in row else "Title"] for row in people], [user])
refused = employees.UpdateListItems(data=[people[0]["ID"]], kind="Delete")
check("nobody is deleted", list(refused.values())[0][0], "0x80070005")
check("employees are still there", len(employees.GetListItems()), len(people))
print("all operations work")

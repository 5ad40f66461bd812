"""zeep over the descriptions of the services: URL of the site, user, password. Any wrong answer raises."""
import sys
import uuid

import requests
import zeep
from list_grammar import Watch
from lxml import etree
from zeep.exceptions import Fault
from zeep.transports import Transport

url, user, password = sys.argv[1:]
NS = "{http://schemas.microsoft.com/sharepoint/soap/}"
ROW = "{#RowsetSchema}row"
DATA = "{urn:schemas-microsoft-com:rowset}data"


def check(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, got {found!r}")
    print("ok", what)


session = requests.Session()
session.auth = (user, password)
watch = Watch(session)


def client(service, binding=None):
    made = zeep.Client(f"{url}/_vti_bin/{service}.asmx?WSDL", transport=Transport(session=session))
    if binding is None:
        return made.service
    return made.bind(service, binding)


lists = client("Lists")
collection = lists.GetListCollection()
titles = {one.get("Title"): one.get("ID") for one in collection}
check("lists of the site", sorted(titles), ["Calendar", "Contacts", "Employees", "Tasks", "User Information List"])
calendar = next(one.get("ID") for one in collection if one.get("ServerTemplate") == "106")

definition = lists.GetList(calendar)
fields = {field.get("Name"): field for field in definition.find(f"{NS}Fields")}
for name in ["ID", "Title", "EventDate", "EndDate", "RecurrenceData", "XMLTZone", "owshiddenversion", "MetaInfo"]:
    if name not in fields:
        raise SystemExit(f"GetList does not declare {name}")
print("ok GetList")


def element(text):
    return etree.fromstring(text)


OPTIONS = element("<QueryOptions><DateInUtc>TRUE</DateInUtc></QueryOptions>")


def changes(token=None, limit=None, position=None, service=lists):
    options = OPTIONS
    if position:
        options = element("<QueryOptions><DateInUtc>TRUE</DateInUtc><Paging/></QueryOptions>")
        options.find("Paging").set("ListItemCollectionPositionNext", position)
    answer = service.GetListItemChangesSinceToken(
        listName=calendar, rowLimit=None if limit is None else str(limit),
        queryOptions={"_value_1": options}, changeToken=token)
    items = answer
    told, data = items.find(f"{NS}Changes"), items.find(DATA)
    ids = told.findall(f"{NS}Id")
    return {
        "token": told.get("LastChangeToken"), "more": told.get("MoreChanges") == "TRUE",
        "schema": told.find(f"{NS}List") is not None,
        "deleted": [int(one.text) for one in ids if one.get("ChangeType") == "Delete"],
        "invalid": any(one.get("ChangeType") == "InvalidToken" for one in ids),
        "next": data.get("ListItemCollectionPositionNext"), "count": int(data.get("ItemCount")),
        "rows": {int(row.get("ows_ID")): row for row in data.findall(ROW)},
    }


def update(methods, on_error="Continue", service=lists):
    batch = etree.Element("Batch", OnError=on_error, DateInUtc="TRUE", Properties="TRUE")
    for nth, (command, fields) in enumerate(methods, 1):
        method = etree.SubElement(batch, "Method", ID=str(nth), Cmd=command)
        for name, value in fields.items():
            at = etree.SubElement(method, "Field", Name=name)
            if name.startswith("MetaInfo/"):
                at.set("Name", "MetaInfo")
                at.set("Property", name.split("/")[1])
            at.text = str(value)
    answer = service.UpdateListItems(listName=calendar, updates={"_value_1": batch})
    return [(one.get("ID"), one.find(f"{NS}ErrorCode").text, one.find(ROW)) for one in answer]


def event(n, **more):
    hour = f"2026-03-{n % 28 + 1:02}T"
    return {"Title": f"Event {n}", "EventDate": hour + "10:00:00Z", "EndDate": hour + "11:00:00Z", **more}


# -- from nothing to a delta -------------------------------------------------------------------------------------
first = changes()
check("an empty list", (first["rows"], first["schema"], first["invalid"], first["next"]), ({}, True, False, None))
replication = "{%s}" % uuid.uuid4()
made = update([("New", event(n, **({"MetaInfo/ReplicationID": replication} if n == 0 else {}))) for n in range(25)])
check("New", {code for _, code, _ in made}, {"0x00000000"})
check("results in order", [name for name, _, _ in made], [f"{n},New" for n in range(1, 26)])
check("numbers", sorted(int(row.get("ows_ID")) for _, _, row in made), list(range(1, 26)))
check("ReplicationID comes back", made[0][2].get("ows_MetaInfo_ReplicationID").lower(), replication.lower())
again = update([("New", event(0, **{"MetaInfo/ReplicationID": replication}))])
check("New twice makes one", again[0][2].get("ows_ID"), made[0][2].get("ows_ID"))

# -- paging ------------------------------------------------------------------------------------------------------
rows, page = {}, changes(limit=10)
token, pages = page["token"], 1
check("the definition comes with the first page", page["schema"], True)
while True:
    check("a page", len(page["rows"]) <= 10 and page["count"] == len(page["rows"]), True)
    rows.update(page["rows"])
    if not page["next"]:
        break
    page = changes(limit=10, position=page["next"])
    check("a later page", (page["schema"], page["token"].split(";")[4]), (False, token.split(";")[4]))
    pages += 1
check("all rows", (sorted(rows), pages), (list(range(1, 26)), 3))
check("every field is declared", {name for row in rows.values() for name in row.keys()
                                  if name[4:] not in fields and not name.startswith("ows_MetaInfo_")}, set())
check("nothing since", changes(token)["rows"], {})

# -- changes -----------------------------------------------------------------------------------------------------
one = rows[7]
changed = update([("Update", {"ID": 7, "owshiddenversion": one.get("ows_owshiddenversion"), "Title": "Mine"}),
                  ("Delete", {"ID": 8}), ("Update", {"ID": 999, "Title": "x"})])
check("one failure is not the others'", [code for _, code, _ in changed], ["0x00000000", "0x00000000", "0x81020016"])
delta = changes(token)
check("the delta", (sorted(delta["rows"]), delta["deleted"], delta["more"], delta["schema"]), ([7], [8], False, False))
check("what changed", delta["rows"][7].get("ows_Title"), "Mine")
check("the version moved", delta["rows"][7].get("ows_owshiddenversion") != one.get("ows_owshiddenversion"), True)

# -- conflicts ---------------------------------------------------------------------------------------------------
lost = update([("Update", {"ID": 7, "owshiddenversion": one.get("ows_owshiddenversion"), "Title": "Theirs"})])
check("a conflict", lost[0][1], "0x81020015")
check("with the row as it is", lost[0][2].get("ows_Title"), "Mine")
kept = update([("Update", {"ID": 7, "owshiddenversion": lost[0][2].get("ows_owshiddenversion"), "Title": "Theirs"})])
check("on what there is", kept[0][1], "0x00000000")
stopped = update([("Update", {"ID": 999, "Title": "x"}), ("Update", {"ID": 9, "Title": "not done"})], "Return")
check("OnError=Return", [code for _, code, _ in stopped], ["0x81020016", "0x800704c7"])

# -- many changes ------------------------------------------------------------------------------------------------
token = changes(token)["token"]
update([("Update", {"ID": n, "Title": f"Again {n}"}) for n in range(10, 24)] + [("Delete", {"ID": 24})])
seen, deleted, asked = set(), set(), 0
while True:
    delta = changes(token, limit=4)
    seen |= set(delta["rows"])
    deleted |= set(delta["deleted"])
    token, asked = delta["token"], asked + 1
    if not delta["more"]:
        break
check("MoreChanges", (seen, deleted, asked), (set(range(10, 24)), {24}, 4))

# -- tokens that are none ----------------------------------------------------------------------------------------
for bad in ["nonsense", token.replace("1;3;", "1;2;"), ";".join(token.split(";")[:4] + ["999999"])]:
    answer = changes(bad)
    check("an invalid token", (answer["invalid"], answer["rows"]), (True, {}))

# -- the other SOAP ----------------------------------------------------------------------------------------------
newer = client("Lists", "ListsSoap12")
check("SOAP 1.2", sorted(changes(service=newer)["rows"]), sorted(set(range(1, 26)) - {8, 24}))

# -- attachments -------------------------------------------------------------------------------------------------
where = lists.AddAttachment(calendar, "7", "Plan & more.txt", b"what is to be done")
urls = [one.text for one in lists.GetAttachmentCollection(calendar, "7")]
check("attachments", (len(urls), urls[0].endswith(where)), (1, True))
got = session.get(urls[0])
check("an attachment", (got.status_code, got.content), (200, b"what is to be done"))
check("the row says so", changes()["rows"][7].get("ows_Attachments"), "1")
try:
    lists.AddAttachment(calendar, "7", "plan & MORE.txt", b"")
    raise SystemExit("an attachment was added twice")
except Fault as fault:
    check("an attachment twice", fault.detail.find(f"{NS}errorcode").text, "0x81020067")
lists.DeleteAttachment(calendar, "7", urls[0])
check("no attachment", (len(lists.GetAttachmentCollection(calendar, "7")), session.get(urls[0]).status_code), (0, 404))

# -- faults ------------------------------------------------------------------------------------------------------
for name in ["nothing", "", "{00000000-0000-0000-0000-000000000001}"]:
    try:
        lists.GetList(name)
        raise SystemExit(f"{name!r} was found")
    except Fault as fault:
        check("no list", fault.detail.find(f"{NS}errorcode").text, "0x82000006")

# -- the other services ------------------------------------------------------------------------------------------
check("GetSite", url in client("Sites").GetSite(url), True)
check("GetWeb", client("Webs").GetWeb(url).get("Url"), url)
check("WebUrlFromPageUrl", client("Webs").WebUrlFromPageUrl(url + "/x/AllItems.aspx"), url)
# Its answer holds an element named as its request, which zeep takes for one: the text itself is looked at.
people = zeep.Client(f"{url}/_vti_bin/UserGroup.asmx?WSDL", transport=Transport(session=session))
with people.settings(raw_response=True):
    me = etree.fromstring(people.service.GetCurrentUserInfo().content)
check("GetCurrentUserInfo", [one.get("LoginName") for one in me.iter("{*}User")], [user])
views = client("Views").GetViewCollection(calendar)
check("GetViewCollection", [one.get("DisplayName") for one in views], ["All Items"])
print("all operations work")

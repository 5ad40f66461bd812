"""What Outlook sends and how it reads the answers (MS-OUTSPS 3.2): URL of the site, user, password, patterns.

The messages have the shape of those in MS-OUTSPS and MS-LISTSWS: a list named by GUID, wanted fields one by one, the
property bag with Properties="TRUE", a batch with PreCalc and ListVersion, `contains` beside a token. The fourth
argument is a file of patterns, as the oracle of the translation makes them: each is made, read and compared. Any
wrong answer raises.
"""
import base64
import json
import sys
import uuid
from xml.sax.saxutils import escape, quoteattr

import requests
from list_grammar import ROW, Watch
from lxml import etree

url, user, password, patterns = sys.argv[1:]
NS = "http://schemas.microsoft.com/sharepoint/soap/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DATA = "{urn:schemas-microsoft-com:rowset}data"
OK = "0x00000000"

session = requests.Session()
session.auth = (user, password)
watch = Watch(session)


def check(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, got {found!r}")
    print("ok", what)


def ask(operation, inside, service="Lists", status=200):
    body = (f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
            f'<{operation} xmlns="{NS}">{inside}</{operation}></soap:Body></soap:Envelope>')
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NS}{operation}"',
               "User-Agent": "Microsoft Office/16.0 (Microsoft Outlook 16.0.5071; Pro)", "X-Office-Version": "16.0.5071"}
    answer = session.post(f"{url}/_vti_bin/{service}.asmx", data=body.encode(), headers=headers)
    if answer.status_code != status:
        raise SystemExit(f"{operation}: {answer.status_code} {answer.text}")
    return etree.fromstring(answer.content)


def first(element, name):
    return next(element.iter(f"{{{NS}}}{name}"))


EVENT_FIELDS = ["Title", "Location", "Description", "EventDate", "EndDate", "Duration", "fAllDayEvent", "fRecurrence",
                "EventType", "UID", "RecurrenceID", "RecurrenceData", "TimeZone", "XMLTZone", "MasterSeriesItemID",
                "Category", "Attachments", "Author", "Editor", "Created", "Modified"]
BAG = ["BusyStatus", "IntendedBusyStatus", "Priority", "Categories", "ReplicationID", "vti_versionhistory"]


def wanted(fields):
    refs = "".join(f'<FieldRef Name="{name}"/>' for name in fields)
    refs += "".join(f'<FieldRef Name="MetaInfo" Property="{name}"/>' for name in BAG)
    return f'<viewFields><ViewFields Properties="TRUE" xmlns="">{refs}</ViewFields></viewFields>'


def changes(token=None, position=None, limit=100, fields=EVENT_FIELDS):
    paging = f"<Paging ListItemCollectionPositionNext={quoteattr(position)}/>" if position else ""
    inside = (f"<listName>{calendar}</listName><viewName></viewName>{wanted(fields)}<rowLimit>{limit}</rowLimit>"
              '<queryOptions><QueryOptions xmlns=""><IncludeMandatoryColumns>FALSE</IncludeMandatoryColumns>'
              "<DateInUtc>TRUE</DateInUtc><ViewAttributes Scope=\"RecursiveAll\"/><RecurrencePatternXMLVersion>v3"
              "</RecurrencePatternXMLVersion><ExpandUserField>TRUE</ExpandUserField>"
              f"<IncludeAttachmentUrls>TRUE</IncludeAttachmentUrls>{paging}</QueryOptions></queryOptions>"
              f"<changeToken>{token or ''}</changeToken>")
    answer = ask("GetListItemChangesSinceToken", inside)
    told, data = first(answer, "Changes"), next(answer.iter(DATA))
    return {"token": told.get("LastChangeToken"), "more": told.get("MoreChanges"), "next": data.get("ListItemCollectionPositionNext"),
            "ids": [(one.get("ChangeType"), one.text) for one in told.findall(f"{{{NS}}}Id")],
            "schema": told.find(f"{{{NS}}}List") is not None,
            "rows": {row.get("ows_ID"): row for row in data.findall(ROW)}}


def batch(methods):
    out = ""
    for nth, (command, fields) in enumerate(methods, 1):
        inside = ""
        for name, value in fields.items():
            name, _, of_bag = name.partition("/")
            inside += f"<Field Name=\"{name}\"" + (f' Property="{of_bag}"' if of_bag else "")
            inside += f">{escape(str(value))}</Field>"
        out += f'<Method ID="{nth}" Cmd="{command}">{inside}</Method>'
    answer = ask("UpdateListItems", f'<listName>{calendar}</listName><updates><Batch xmlns="" PreCalc="TRUE" OnError="Continue" '
                 f'ListVersion="0" Properties="TRUE" DateInUtc="TRUE" ViewName="">{out}</Batch></updates>')
    found = []
    for one in answer.iter(f"{{{NS}}}Result"):
        row = one.find(ROW)
        text = one.find(f"{{{NS}}}ErrorText")
        found.append((one.find(f"{{{NS}}}ErrorCode").text, row, None if text is None else text.text))
    if len(found) != len(methods):
        raise SystemExit(f"{len(found)} results of {len(methods)} methods")
    return found


# -- connecting, in the order in which Outlook asks --------------------------------------------------------------
collection = ask("GetListCollection", "")
calendar = next(one.get("ID") for one in collection.iter(f"{{{NS}}}List") if one.get("ServerTemplate") == "106")
definition = first(ask("GetList", f"<listName>{calendar}</listName>"), "List")
declared = {field.get("Name") for field in definition.iter(f"{{{NS}}}Field")}
check("every field asked for is declared", [name for name in EVENT_FIELDS if name not in declared], [])
for name in ("ID", "Title", "ServerTemplate", "EnableAttachments", "Version", "Created", "Modified", "DefaultViewUrl", "WebFullUrl",
             "AllowDeletion", "EnableVersioning"):
    if definition.get(name) is None:
        raise SystemExit(f"the definition lacks {name}")
begun = changes()
check("an empty list", (begun["schema"], begun["rows"], begun["ids"]), (True, {}, []))

# -- all patterns ------------------------------------------------------------------------------------------------
with open(patterns) as file:
    cases = json.load(file)
sent = {}
for at in range(0, len(cases), 100):
    some = cases[at:at + 100]
    for case, (code, row, text) in zip(some, batch([("New", case["fields"]) for case in some])):
        if code != OK:
            raise SystemExit(f"{case['fields']}: {code} {text}")
        sent[row.get("ows_ID")] = case["fields"]
check("numbers", len(sent), len(cases))


def same(row, fields):
    for name in ("EventDate", "Duration", "XMLTZone", "fRecurrence", "EventType", "Title"):
        if name in fields and row.get(f"ows_{name}") != fields[name]:
            raise SystemExit(f"{name} of {fields}: {row.get(f'ows_{name}')}")
    pattern = fields["RecurrenceData"].split("</repeat>")[0]
    if not row.get("ows_RecurrenceData").startswith(pattern):
        raise SystemExit(f"{fields['RecurrenceData']} is told as {row.get('ows_RecurrenceData')}")


rows, page = {}, changes()
token = page["token"]
while True:
    rows.update(page["rows"])
    if not page["next"]:
        break
    page = changes(position=page["next"])
check("all series are listed", sorted(rows), sorted(sent))
for number, row in rows.items():
    same(row, sent[number])
by_token, delta = {}, changes(begun["token"])
while True:
    by_token.update(delta["rows"])
    if delta["more"] != "TRUE":
        break
    delta = changes(delta["token"])
check("all series are changes", sorted(by_token), sorted(sent))
for number, row in by_token.items():
    same(row, sent[number])
answer = ask("GetListItems", f"<listName>{calendar}</listName>{wanted(EVENT_FIELDS)}<rowLimit>0</rowLimit><queryOptions>"
             '<QueryOptions xmlns=""><DateInUtc>TRUE</DateInUtc></QueryOptions></queryOptions>')
listed = {row.get("ows_ID"): row for row in answer.iter(ROW)}
check("all series are items", sorted(listed), sorted(sent))
for number, row in listed.items():
    same(row, sent[number])
# Every row was told at least four times, and read by libxml2 each time.
check("grammar", [name for name, seen in watch.seen.items() if seen < 4 * len(cases)], [])

# -- only what is wanted, and what always comes ------------------------------------------------------------------
few = next(iter(changes(limit=1, fields=["Title"])["rows"].values()))
check("a field nobody asked for", few.get("ows_Location"), None)
for name in ("ID", "owshiddenversion", "UniqueId", "FSObjType", "PermMask", "ContentTypeId", "MetaInfo_ReplicationID"):
    if few.get(f"ows_{name}") is None and name != "MetaInfo_ReplicationID":
        raise SystemExit(f"a row without {name}")

# -- one series, as people work with it --------------------------------------------------------------------------
replication = "{%s}" % str(uuid.uuid4()).upper()
weekly = {
    "ID": "New", "Title": "Week", "EventDate": "2030-01-07T09:00:00Z", "EndDate": "2130-01-07T10:00:00Z", "Duration": "3600",
    "fRecurrence": "1", "EventType": "1", "fAllDayEvent": "0", "UID": "{%s}" % str(uuid.uuid4()).upper(), "TimeZone": "4",
    "RecurrenceData": '<recurrence><rule><firstDayOfWeek>mo</firstDayOfWeek><repeat><weekly mo="TRUE" weekFrequency="1" />'
                      "</repeat><repeatForever>FALSE</repeatForever></rule></recurrence>",
    "XMLTZone": "<timeZoneRule><standardBias>-60</standardBias><additionalDaylightBias>-60</additionalDaylightBias>"
                '<standardDate><transitionRule month="10" day="su" weekdayOfMonth="last" /><transitionTime>3:0:0</transitionTime>'
                '</standardDate><daylightDate><transitionRule month="3" day="su" weekdayOfMonth="last" />'
                "<transitionTime>2:0:0</transitionTime></daylightDate></timeZoneRule>",
    "MetaInfo/ReplicationID": replication, "MetaInfo/BusyStatus": "2", "MetaInfo/IntendedBusyStatus": "-1",
}
[(code, row, _)] = batch([("New", weekly)])
check("a series", (code, row.get("ows_MetaInfo_ReplicationID").upper()), (OK, replication))
series, version = row.get("ows_ID"), row.get("ows_owshiddenversion")
token = changes(token)["token"]
while (page := changes(token))["more"] == "TRUE":
    token = page["token"]
token = page["token"]
moved = {"ID": "New", "MasterSeriesItemID": series, "EventType": "4", "fRecurrence": "1", "UID": row.get("ows_UID"),
         "RecurrenceID": "2030-01-14T09:00:00Z", "Title": "Week, later", "EventDate": "2030-01-14T11:00:00Z",
         "EndDate": "2030-01-14T12:00:00Z", "Duration": "3600", "XMLTZone": weekly["XMLTZone"], "TimeZone": "4"}
gone = {"ID": "New", "MasterSeriesItemID": series, "EventType": "3", "fRecurrence": "1", "UID": row.get("ows_UID"),
        "RecurrenceID": "2030-01-21T09:00:00Z", "Title": "Week", "EventDate": "2030-01-21T09:00:00Z",
        "EndDate": "2030-01-21T10:00:00Z", "XMLTZone": weekly["XMLTZone"], "TimeZone": "4"}
done = batch([("New", moved), ("New", gone)])
check("exceptions", [(code, row.get("ows_EventType"), row.get("ows_MasterSeriesItemID")) for code, row, _ in done],
      [(OK, "4", series), (OK, "3", series)])
delta = changes(token)
check("the series and its exceptions are told", sorted(row.get("ows_EventType") for row in delta["rows"].values()), ["1", "3", "4"])
# The client knows this version of it already, and leaves it alone.
check("the series is as it was", delta["rows"][series].get("ows_owshiddenversion"), version)
exception = done[0][1].get("ows_ID")
[(code, row, text)] = batch([("Update", {"ID": series, "owshiddenversion": version, "Title": "The week"})])
check("the series did not change since", (code, row.get("ows_Title")), (OK, "The week"))
[(code, row, text)] = batch([("Update", {"ID": series, "owshiddenversion": version, "Title": "Mine"})])
check("a conflict shows the row", (code, row.get("ows_Title"), row.get("ows_ID")), ("0x81020015", "The week", series))
done = batch([("Update", {"ID": "999999", "Title": "?"}), ("Delete", {"ID": exception}), ("Delete", {"ID": exception})])
check("errors of rows", [code for code, _, _ in done], ["0x81020016", OK, "0x81020016"])
delta = changes(delta["token"])
check("what went is told", ("Delete", exception) in delta["ids"], True)
check("the other exception stays", sorted(row.get("ows_EventType") for row in delta["rows"].values()), ["1", "3"])

# -- attachments -------------------------------------------------------------------------------------------------
content = bytes(range(256))
where = f"<listName>{calendar}</listName><listItemID>{series}</listItemID>"
answer = ask("AddAttachment", f"{where}<fileName>plan &amp; map.bin</fileName><attachment>{base64.b64encode(content).decode()}</attachment>")
# Below the root of the server here, whole where they are listed (MS-LISTSWS 3.1.4.1 and 3.1.4.19).
address = url.removesuffix("lists") + first(answer, "AddAttachmentResult").text
listing = ask("GetAttachmentCollection", where)
check("the attachment is told", [one.text for one in listing.iter(f"{{{NS}}}Attachment")], [address])
check("and can be fetched", session.get(address).content, content)
delta = changes(delta["token"])
check("its row has the address", address in delta["rows"][series].get("ows_Attachments"), True)
ask("DeleteAttachment", f"{where}<url>{escape(address)}</url>")
check("no attachment is left", changes(delta["token"])["rows"][series].get("ows_Attachments"), "0")

# -- what is wrong -----------------------------------------------------------------------------------------------
check("an unknown token", changes("1;3;%s;1;99999999" % calendar.strip("{}").lower())["ids"], [("InvalidToken", None)])
fault = ask("GetList", "<listName>{00000000-0000-0000-0000-000000000000}</listName>", status=500)
check("an unknown list", "0x82000006" in etree.tostring(fault).decode(), True)
[(code, _, _)] = batch([("Delete", {"ID": series})])
check("the series goes", code, OK)
print("Outlook is content")

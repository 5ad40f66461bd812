"""SharePlum (v2007) and a library of documents: URL of the server, user, password. Any wrong answer raises."""
import sys

import requests
from list_grammar import ROW, Watch
from lxml import etree
from requests.auth import HTTPBasicAuth
from shareplum import Site
from shareplum.site import Version

root, user, password = sys.argv[1:]
auth = HTTPBasicAuth(user, password)


def check(what, found, expected):
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, got {found!r}")
    print("ok", what)


def dav(method, path, body=b"", status=201):
    answer = requests.request(method, f"{root}/dav/files/{user}/{path}", data=body, auth=auth)
    check(f"{method} {path}", answer.status_code, status)


dav("PROPFIND", "", status=207)
dav("PUT", "Plan%20%26%20map.TXT", b"the plan")
dav("PUT", "large.bin", bytes(300_000))
dav("MKCOL", "Folder")
dav("PUT", "Folder/inner.txt", b"inner")

site = Site(f"{root}/lists", version=Version.v2007, auth=auth)
watch = Watch(site._session)
documents = site.List("Documents")
names = ["Name", "URL Path", "File Size", "File Type", "Encoded Absolute URL", "Item Type", "Effective Permissions Mask", "ID"]
rows = {row["Name"].split(";#")[1]: row for row in documents.GetListItems(fields=names)}
check("files and folders", sorted(rows), ["Folder", "Plan & map.TXT", "large.bin"])
plan = rows["Plan & map.TXT"]
check("size and type", (plan["File Size"].split(";#")[1], plan["File Type"]), ("8", "txt"))
check("a large one", rows["large.bin"]["File Size"].split(";#")[1], "300000")
check("a folder is one", [rows[name]["Item Type"].split(";#")[1] for name in ("Folder", "large.bin")], ["1", "0"])
check("its link", requests.get(plan["Encoded Absolute URL"], auth=auth).content, b"the plan")
check("and its path", plan["URL Path"].split(";#")[1], f"dav/files/{user}/Plan%20%26%20map.TXT")
check("nobody may write", {row["Effective Permissions Mask"] for row in rows.values()}, {"0x000000b008431061"})
for kind, data in [("New", [{"Title": "x"}]), ("Update", [{"ID": "1", "Title": "x"}]), ("Delete", ["1"])]:
    refused = documents.UpdateListItems(data=data, kind=kind)
    codes = {value if isinstance(value, str) else value[0] for value in refused.values()}
    check(f"{kind} is refused", codes, {"0x80070005"})
check("all is still there", len(documents.GetListItems(fields=["Name"])), 3)

# -- what changes is told ----------------------------------------------------------------------------------------
def changes(token=""):
    body = ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetListItemChangesSinceToken '
            'xmlns="http://schemas.microsoft.com/sharepoint/soap/"><listName>Documents</listName>'
            f"<changeToken>{token}</changeToken></GetListItemChangesSinceToken></s:Body></s:Envelope>")
    answer = site._session.post(f"{root}/lists/_vti_bin/Lists.asmx", data=body, headers={"Content-Type": "text/xml"})
    told = etree.fromstring(answer.content)
    token = next(told.iter("{http://schemas.microsoft.com/sharepoint/soap/}Changes")).get("LastChangeToken")
    names = sorted(row.get("ows_LinkFilename") for row in told.iter(ROW))
    return token, names, [one.text for one in told.iter("{http://schemas.microsoft.com/sharepoint/soap/}Id")]


token, told, _ = changes()
check("all are told", told, ["Folder", "Plan & map.TXT", "inner.txt", "large.bin"])
dav("PUT", "large.bin", b"small now", status=204)
dav("PUT", "new.txt", b"new")
dav("DELETE", "Plan%20%26%20map.TXT", status=204)
token, told, gone = changes(token)
check("a delta", (told, gone), (["large.bin", "new.txt"], [plan["ID"]]))
check("and no more", changes(token)[1:], ([], []))

# -- at any depth ------------------------------------------------------------------------------------------------
def below(folder, scope):
    body = ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetListItems '
            'xmlns="http://schemas.microsoft.com/sharepoint/soap/"><listName>Documents</listName><queryOptions>'
            f'<QueryOptions xmlns=""><Folder>{folder}</Folder><ViewAttributes Scope="{scope}"/></QueryOptions>'
            "</queryOptions></GetListItems></s:Body></s:Envelope>")
    answer = site._session.post(f"{root}/lists/_vti_bin/Lists.asmx", data=body, headers={"Content-Type": "text/xml"})
    return {row.get("ows_LinkFilename"): row for row in etree.fromstring(answer.content).iter(ROW)}


check("a folder's rows", sorted(below(f"{root}/dav/files/{user}/Folder", "")), ["inner.txt"])
everything = below("", "RecursiveAll")
check("rows at any depth", sorted(everything), ["Folder", "inner.txt", "large.bin", "new.txt"])
inner = everything["inner.txt"]
check("the address of a file in a folder", requests.get(inner.get("ows_EncodedAbsUrl"), auth=auth).content, b"inner")
token, _, _ = changes()
dav("MKCOL", "Folder/Deep")
dav("PUT", "Folder/Deep/deep.txt", b"deep")
dav("DELETE", "Folder/inner.txt", status=204)
token, told, gone = changes(token)
check("a delta at any depth", (told, gone), (["Deep", "deep.txt"], [inner.get("ows_ID")]))
dav("DELETE", "Folder/Deep", status=204)
token, told, gone = changes(token)
check("a folder goes with what is in it", (told, len(gone)), ([], 2))
print("the library is read")

"""The drive as PyPI webdav4 sees it: its client, and the file system that it makes of it."""

import io
import sys

from webdav4.client import Client, ResourceAlreadyExists, ResourceNotFound
from webdav4.fsspec import WebdavFileSystem

url, name, password = sys.argv[1:]
client = Client(url, auth=(name, password))

client.mkdir("plans")
client.mkdir("plans/a b")
client.upload_fileobj(io.BytesIO(b"first"), "plans/a b/x & y.txt")
assert client.exists("plans/a b/x & y.txt") and not client.exists("plans/nothing")
assert client.isdir("plans/a b") and client.isfile("plans/a b/x & y.txt")
assert client.content_length("plans/a b/x & y.txt") == 5
assert client.etag("plans/a b/x & y.txt") and client.modified("plans/a b/x & y.txt")
assert sorted(client.ls("plans", detail=False)) == ["plans/a b"]

try:
    client.upload_fileobj(io.BytesIO(b"second"), "plans/a b/x & y.txt")
    raise SystemExit("it was replaced without being told to")
except ResourceAlreadyExists:
    pass
client.upload_fileobj(io.BytesIO(b"second"), "plans/a b/x & y.txt", overwrite=True)

client.copy("plans", "copy")
client.move("plans/a b/x & y.txt", "plans/z.txt")
out = io.BytesIO()
client.download_fileobj("plans/z.txt", out)
assert out.getvalue() == b"second"
out = io.BytesIO()
client.download_fileobj("copy/a b/x & y.txt", out)
assert out.getvalue() == b"second"

tree = WebdavFileSystem(url, auth=(name, password))
assert sorted(tree.find("")) == ["copy/a b/x & y.txt", "plans/z.txt"]
with tree.open("plans/z.txt") as file:
    assert file.read() == b"second"
# Reading from the middle asks for parts, not for all again.
long = b"".join(b"%08d " % n for n in range(300_000))
client.upload_fileobj(io.BytesIO(long), "plans/long.txt")
with tree.open("plans/long.txt", "rb") as file:
    for at in (2_600_000, 9, 0, len(long) - 5):
        assert file.seek(at) == at
        assert file.read(20) == long[at : at + 20], at
    file.seek(-18, io.SEEK_END)
    assert file.read() == long[-18:]

tree.rm("plans", recursive=True)
try:
    client.info("plans/z.txt")
    raise SystemExit("it is still there")
except ResourceNotFound:
    pass
client.remove("copy")
assert client.ls("", detail=False) == []
print("all operations work")

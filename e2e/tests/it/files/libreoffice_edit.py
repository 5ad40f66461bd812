"""LibreOffice without a window: opens a document at its URL, waits to be told, changes it, saves it there, closes it."""

import subprocess
import sys
import time

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.task import XInteractionHandler

url, name, password, pipe, profile = sys.argv[1:]


class Person(unohelper.Base, XInteractionHandler):
    """Types name and password when asked, and says yes to everything else."""

    def handle(self, request):
        for answer in request.getContinuations():
            supply = answer.queryInterface(uno.getTypeByName("com.sun.star.ucb.XInteractionSupplyAuthentication"))
            if supply is not None:
                if supply.canSetUserName():
                    supply.setUserName(name)
                if supply.canSetPassword():
                    supply.setPassword(password)
                supply.select()
                return
        print("asked: " + str(request.getRequest())[:200], file=sys.stderr, flush=True)


office = subprocess.Popen(
    ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{profile}",
     f"--accept=pipe,name={pipe};urp;"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            break
        except Exception:
            if office.poll() is not None:
                raise SystemExit("LibreOffice went away")
            time.sleep(0.1)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden = PropertyValue(Name="Hidden", Value=True)
    person = PropertyValue(Name="InteractionHandler", Value=Person())
    document = desktop.loadComponentFromURL(url, "_blank", 0, (hidden, person))
    if document is None:
        raise SystemExit("the document was not opened")
    if document.isReadonly():
        raise SystemExit("the document was opened for reading only")
    print("open: " + document.Text.String, flush=True)
    sys.stdin.readline()
    document.Text.String = "changed by LibreOffice"
    document.store()
    print("saved", flush=True)
    sys.stdin.readline()
    document.close(True)
    print("closed", flush=True)
    desktop.terminate()
    office.wait(60)
finally:
    office.kill()

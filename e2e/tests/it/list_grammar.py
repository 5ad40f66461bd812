"""The grammar of rows, for every client of the list door: libxml2 reads each answer before the client does."""
from pathlib import Path

from lxml import etree

SCHEMAS = Path(__file__).parents[3] / "fixtures/sharepoint"
GRAMMAR = {
    "ows_RecurrenceData": etree.XMLSchema(file=SCHEMAS / "recurrence.xsd"),
    "ows_XMLTZone": etree.XMLSchema(file=SCHEMAS / "timezone.xsd"),
}
ROW = "{#RowsetSchema}row"


class Watch:
    """Looks at every answer of a session of requests; `seen` counts what was valid, `rows` all rows."""

    def __init__(self, session):
        self.seen = dict.fromkeys(GRAMMAR, 0)
        self.rows = 0
        session.hooks["response"].append(self.look)

    def look(self, response, *_, **__):
        if "xml" not in response.headers.get("Content-Type", "") or not response.content:
            return
        for row in etree.fromstring(response.content).iter(ROW):
            self.rows += 1
            for name, schema in GRAMMAR.items():
                value = row.get(name)
                if value is not None:
                    schema.assertValid(etree.fromstring(value))
                    self.seen[name] += 1
            self.series(row)

    @staticmethod
    def series(row):
        """A series says all that MS-OUTSPS 3.2.4.2.2 wants of one."""
        kind = row.get("ows_EventType")
        if kind in ("1", "3", "4"):
            for name in ("UID", "XMLTZone", "fRecurrence"):
                if row.get(f"ows_{name}") is None:
                    raise SystemExit(f"a row of EventType {kind} without {name}")
        if kind == "1" and row.get("ows_RecurrenceData") is None:
            raise SystemExit("a series without RecurrenceData")
        if kind in ("3", "4") and None in (row.get("ows_RecurrenceID"), row.get("ows_MasterSeriesItemID")):
            raise SystemExit("an occurrence without its series")

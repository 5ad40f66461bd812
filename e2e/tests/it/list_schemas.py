"""Validates what rows say of recurrences and zones in the transcripts of the list door: folder of the transcripts."""
import sys
from pathlib import Path

from lxml import etree

folder = Path(sys.argv[1])
SCHEMAS = {
    "RecurrenceData": etree.XMLSchema(file=folder / "recurrence.xsd"),
    "XMLTZone": etree.XMLSchema(file=folder / "timezone.xsd"),
}
seen = dict.fromkeys(SCHEMAS, 0)
for path in sorted(folder.glob("calendar/*.txt")):
    told = False
    for line in path.read_text().splitlines():
        if line.startswith(("< ", "> ")):
            told = line.startswith("< row")
        name, _, value = line.partition("=")
        if told and name in SCHEMAS:
            SCHEMAS[name].assertValid(etree.fromstring(value))
            seen[name] += 1
# A schema that takes everything would be none.
for name, wrong in [
    ("RecurrenceData", "<recurrence><rule><firstDayOfWeek>su</firstDayOfWeek><repeat/></rule></recurrence>"),
    ("XMLTZone", "<timeZoneRule><standardBias>west</standardBias></timeZoneRule>"),
]:
    if SCHEMAS[name].validate(etree.fromstring(wrong)):
        raise SystemExit(f"{name} may be {wrong}")
if min(seen.values()) < 10:
    raise SystemExit(f"only {seen}")
print("all rows are valid")

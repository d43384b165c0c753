"""Files of a partner's system that mean harm, or are broken: each costs at most a second and 64 MB, and says what is wrong."""

import tracemalloc

import pytest

from tests import budget
from tests.refusal import refused
from tradeflow.codec import canonical
from tradeflow.codec.business.envelope import completed
from tradeflow.codec.business.manifest import adapters
from tradeflow.codec.business.translate import incoming

MEGABYTES = 64
MT = b"{1:F01XXXXXXXXAXXX0000000000}{2:I700XXXXXXXXAXXXN}{4:\r\n:20:1\r\n-}"


def xml(piece: bytes, size: int = 1_900_000) -> bytes:
    """A record of the insurer's of about that size."""
    return b"<UnderwritingDecision>" + piece * (size // len(piece)) + b"</UnderwritingDecision>"


def json(piece: bytes, size: int = 900_000) -> bytes:
    """A record of the inspection body's of about that size."""
    return b'{"type": "APPOINTMENT", "x": [' + b",".join([piece] * (size // (len(piece) + 1))) + b"]}"


HOSTILE = {
    "insurer: one name very often": xml(b"<Subjectivities/>"),
    "insurer: lists in a list": xml(b"<Subjectivities><Subjectivity><Text>a</Text></Subjectivity></Subjectivities>"),
    "insurer: names of their own": b"<UnderwritingDecision>"
    + b"".join(b"<a%d>1</a%d>" % (n, n) for n in range(90_000))
    + b"</UnderwritingDecision>",
    "insurer: an entity": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><UnderwritingDecision>&a;</UnderwritingDecision>',
    "insurer: attributes": b"<UnderwritingDecision " + b" ".join(b'a%d="1"' % n for n in range(60_000)) + b"/>",
    "insurer: deep": b"<UnderwritingDecision>" + b"<a>" * 100_000,
    "insurer: aside far": xml(b"<extension><field><at>/conditions/99999/text</at><is>1</is></field></extension>"),
    "insurer: a count of many digits": b"<UnderwritingDecision><Outcome>SURE</Outcome><Subjectivities><Count>"
    + b"9" * 5_000
    + b"</Count></Subjectivities></UnderwritingDecision>",
    "inspection: many values": json(b"1"),
    "inspection: many objects": json(b'{"a":{}}'),
    "inspection: aside": b'{"type": "APPOINTMENT", "extension": {"field": ['
    + b",".join([b'{"at": "/fee/value/0/0", "is": 1}'] * 25_000)
    + b"]}}",
    "inspection: deep": b'{"type": ' + b"[" * 400_000,
    "inspection: a long word": b'{"type": "APPOINTMENT", "state": "' + b"X" * 900_000 + b'"}',
    "inspection: a member twice": b'{"type": "APPOINTMENT", "type": "APPOINTMENT"}',
    "bank: block S": MT + b"{S:{TDF:" + b"/a/0=1;" * 12_000 + b"}}",
    "bank: block S within block S": MT + b"{S:{TDF:{TDF:}}}",
    "bank: sectors": b"\x01" * 99_000,
    "bank: a sector without end": b"\x01" + MT + b" " * 90_000,
    "bank: dollars": MT + b"$" * 90_000 + MT,
    "terminal: wrong counts": b"UNB+UNOC:3+A+B+250106:1012+1'UNH+1+IFTSTA:D:24A:UN'BGM+77+1+9'UNT+7+1'UNZ+4+1'",
    "customs_hk: no declaration": b'<MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"><a/></MetaData>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_costs_little_and_gets_findings(name: str) -> None:
    adapter, body = adapters()[name.partition(":")[0]], HOSTILE[name]
    refusal = budget.a_second(lambda: refused(taken, adapter.id, body))
    assert refusal.findings and refusal.status in (400, 413, 422)
    assert all(len(finding.message) < 1_000 and finding.message.isprintable() for finding in refusal.findings)
    tracemalloc.start()
    refused(taken, adapter.id, body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEGABYTES * 1_000_000, f"{peak / 1e6:.0f} MB"


def taken(id: str, body: bytes) -> None:
    heard = incoming(adapters()[id], body, {})
    assert heard, "it is none of the adapter's"
    canonical.document(heard.flow.message, completed(adapters()[id], heard, "partner", body, None))

"""SWIFT MT: what we write has the fields that the standard's list asks for; what means harm is refused with findings."""

import json
import re

import pytest

from tests import budget, swift_directory
from tests.contract.test_formats import samples, writable
from tests.refusal import refused
from tradeflow.app.convert import convert
from tradeflow.codec import formats, intake
from tradeflow.errors import BadInput

FIN = "application/x-swift-fin"
BOUND = sorted(formats.sheets("swift_mt"))
here = pytest.mark.skipif(not swift_directory.FIELDS.is_file(), reason=f"the field list of SWIFT MT is not at {swift_directory.FIELDS}")
X = r"[A-Za-z0-9/\-?:().,'+ ]"
Z = r"""[A-Za-z0-9/\-?:().,'+ =!"%&*<>;{@#_]"""
GOOD = b"{1:F01MAASNL2RAXXX0000000000}{2:I734HKTBHKHHXXXXN}{4:\r\n:20:REF1\r\n:21:REF2\r\n:32A:250401USD980,\r\n:77J:+LATE\r\n:77B:/HOLD/\r\n-}\r\n"


def block_four(body: bytes) -> list[tuple[str, str]]:
    """The fields, cut by hand: not with the codec."""
    text = body.decode("ascii")
    assert text.count("\r\n") == text.count("\n")
    inside = text.partition("{4:\r\n")[2].partition("\r\n-}")[0]
    return re.findall(r"^:(\d\d[A-Z]?):(.*?)(?=\r\n:\d\d[A-Z]?:|\Z)", inside, re.MULTILINE | re.DOTALL)


@here
def test_the_facts_we_carry_are_those_of_the_list() -> None:
    assert swift_directory.FACTS.read_text(encoding="utf-8") == swift_directory.facts()


@here
@pytest.mark.parametrize("type_", BOUND)
def test_every_field_stands_in_its_place_and_has_its_form(type_: str) -> None:
    known = json.loads(swift_directory.FIELDS.read_text(encoding="utf-8"))
    written = [made.body for _, made in writable(type_, "swift_mt")]
    assert written
    for body in written:
        number = re.search(rb"\{2:I(\d{3})", body)
        assert number
        rows = list(swift_directory._members(known["messages"][f"MT{number[1].decode()}"]["structure"]))
        order = {row["field"] + option: n for n, row in enumerate(rows) for option in row["options"]}
        found = block_four(body)
        places = [order[tag] for tag, _ in found]
        assert places == sorted(places) and len(places) == len(set(places))
        assert {n for n, row in enumerate(rows) if row["presence"] == "M"} <= set(places)
        for tag, text in found:
            assert _formed(known["fields"][tag]["validation"], text.split("\r\n")), (tag, text)


def test_what_is_good_is_read_as_far_as_it_goes() -> None:
    reading = formats.codec("swift_mt").read(GOOD)
    assert reading.type == "notice_of_refusal"
    assert reading.tree["amount"] == {"currency": "USD", "value": "980"}
    assert reading.tree["utilised_on"] == "2025-04-01"
    assert reading.tree["discrepancies"] == [{"text": "LATE"}]
    with pytest.raises(BadInput) as refusal:
        intake.read(GOOD, FIN)
    assert refusal.value.code == "SCHEMA_INVALID"
    assert "/message/trade_id" in {finding.pointer for finding in refusal.value.findings}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (GOOD.replace(b"+LATE", b"+LATE\r\n-}{1:F01EVILXXXXAXXX0000000000}"), "after the end of the message"),
        (GOOD.replace(b"+LATE", b"+LATE\r\n:32A"), "begins with :"),
        (GOOD.replace(b"+LATE", b"+LATE\r\n-x"), "begins with -"),
        (GOOD.replace(b"+LATE", b"+LATE }"), "} cannot stand in a message"),
        (GOOD.replace(b"+LATE", b"+L\xc3\xa9"), "0xC3 is in no SWIFT character set"),
        (GOOD.replace(b"+LATE", b"+" + b"A" * 51), "70 of 50 can be carried"),
        (GOOD.replace(b"+LATE", b"\r\n".join([b"A"] * 71)), "71 lines"),
        (GOOD.replace(b":20:REF1", b":20:REFERENCE-OF-17-C"), "Field 20"),
        (GOOD.replace(b":21:REF2", b":99Z:REF2"), "Field 99Z does not stand in MT 734"),
        (GOOD.replace(b"{1:F01", b"{1:F99"), "does not begin with the blocks"),
        (GOOD.replace(b"\r\n-}", b""), "has no end"),
        (GOOD + GOOD, "The file holds 2 messages"),
        (GOOD.replace(b"I734", b"I999"), "No document is bound to MT 999"),
        (GOOD.replace(b"+LATE", b"/TDF//nowhere/at/all=1"), "leading nowhere"),
        (GOOD.replace(b"+LATE", b"A" * 200_000), "at most 100,000"),
        (b"{1:F01" + b"{" * 90_000, "does not begin with the blocks"),
        (GOOD.replace(b"{4:", b"{3:" + b"{108:A}" * 10_000 + b"}{4:"), "Block 4 does not begin"),
    ],
)
def test_what_is_wrong_or_means_harm_is_refused_with_its_line(sent: bytes, said: str) -> None:
    messages = [finding.message for finding in budget.a_second(lambda: refused(intake.read, sent, FIN)).findings]
    assert any(said in message for message in messages), messages


@pytest.mark.parametrize("evil", ["\n-}", "\n:20:OTHER", "}{5:", "\n-}\n{1:F01EVILXXXXAXXX0000000000}{2:I103EVILXXXXXXXXN}{4:\n:20:X\n-}"])
def test_no_text_of_a_document_breaks_out_of_its_field(evil: str) -> None:
    (document,) = samples("letter_of_credit")[:1]
    data = document.data | {"sender_to_receiver": f"HELLO{evil}", "goods_description": f"LAMPS{evil}"}
    from tradeflow.codec import canonical

    changed = canonical.document("letter_of_credit", data)
    body = formats.write(changed, "swift_mt").body
    assert body.count(b"{1:") == 1 and body.count(b"\r\n-}") == 1 and body.count(b"\r\n:20:") == 1
    assert intake.read(body, FIN) == changed


def _formed(form: str, lines: list[str]) -> bool:
    """Whether lines have the form in the notation of the list; what it calls CUSTOM is free text of the set z."""
    whole = "$".join(lines)
    if form == "CUSTOM":
        return all(re.fullmatch(f"{Z}{{1,100}}", line) for line in lines)
    pattern, rest = "", re.sub(r"\(\*+\)", "", form)
    for name, meaning in (
        ("<DATE2>", r"\\d{6}"),
        ("<CUR>", "[A-Z]{3}"),
        ("<AMOUNT>15", r"(?=[\\d,]{2,15}(?!\\d))\\d+,\\d*"),
        ("<BIC>", "[A-Z0-9]{8}(?:[A-Z0-9]{3})?"),
    ):
        rest = rest.replace(name, f"\x00{meaning.replace(chr(92) * 2, chr(92))}\x01")
    for part in re.findall(r"\x00[^\x01]*\x01|\d+!?[nacxz]|\]\d-\d+|.", rest):
        if part[0] == "\x00":
            pattern += part[1:-1]
        elif kind := re.fullmatch(r"(\d+)(!?)([nacxz])", part):
            signs = {"n": r"\d", "a": "[A-Z]", "c": "[A-Z0-9]", "x": X, "z": Z}[kind[3]]
            pattern += f"{signs}{{{kind[1] if kind[2] else f'1,{kind[1]}'}}}"
        elif times := re.fullmatch(r"\](\d)-(\d+)", part):
            pattern += f"){{{times[1]},{times[2]}}}"
        else:
            pattern += {"[": "(?:", "]": ")?", "$": r"\$"}.get(part, re.escape(part))
    return re.fullmatch(pattern, whole) is not None


def mt(number: int, *fields: str) -> bytes:
    text = "\r\n".join(fields)
    return f"{{1:F01MAASNL2RAXXX0000000000}}{{2:I{number}HKTBHKHHXXXXN}}{{4:\r\n{text}\r\n-}}\r\n".encode()


def test_an_amendment_of_a_bank_that_knows_no_hub_is_read_as_far_as_it_goes() -> None:
    sent = (":27:1/1", ":20:LC1", ":21:NONREF", ":23:LC1", ":31C:250115", ":26E:02", ":30:250301", ":22A:ADVI", ":31D:250430ROTTERDAM")
    reading = formats.codec("swift_mt").read(mt(707, *sent, ":32B:USD1500,5", ":46B:/ADD/+PACKING LIST IN 2 COPIES"))
    tree = reading.tree
    assert (reading.type, tree["lc_number"], tree["amendment_no"], tree["purpose"]) == ("lc_amendment", "LC1", 2, "ADVI")
    assert (tree["new_expiry"], tree["increase"]) == ("2025-04-30", {"currency": "USD", "value": "1500.5"})
    assert tree["references"] == [{"type": "letter_of_credit", "date": "2025-01-15"}]
    assert tree["cancellation_request"] is False
    assert [loss.message for loss in reading.losses] == [":31D:250430ROTTERDAM is taken in part"]
    assert formats.codec("swift_mt").read(mt(707, *sent, ":23S:CANCEL")).tree["cancellation_request"] is True


@pytest.mark.parametrize(
    ("number", "type_", "said", "value"),
    [
        (400, "payment_advice", "kind", "COLLECTED"),
        (410, "collection_advice", "event", "ACKNOWLEDGED"),
        (412, "collection_advice", "event", "ACCEPTED"),
    ],
)
def test_what_the_messages_of_collections_say_is_read(number: int, type_: str, said: str, value: str) -> None:
    amount = ":32B:EUR980,5" if number == 410 else ":32A:250420EUR980,5"
    made = convert(mt(number, ":20:OUR1", ":21:COL77", amount, *([":33A:250420EUR970,"] if number == 400 else [])), FIN, "json")
    tree = json.loads(made.body)
    assert (made.type, tree[said], tree["amount"]) == (type_, value, {"currency": "EUR", "value": "980.5"})
    assert made.not_taken == ()
    assert any(finding.pointer == "/message/trade_id" for finding in made.findings)

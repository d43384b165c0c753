"""Interchanges and SWIFT texts as the systems of others send them: each is read as it is meant, or refused for the right reason."""

import pytest

from tests.foreign import at, read, refused
from tradeflow.codec import canonical, formats, intake
from tradeflow.model.catalogue import catalogue

EDI, FIN = "application/edifact", "application/x-swift-fin"
ORDER = (
    "BGM+220+PO-77:1+9",
    "DTM+137:20250103:102",
    "DTM+63:20250310:102",
    "RFF+CT:C-9",
    "NAD+BY+5412345000013::9++Müller Lampen GmbH+Hauptstr. 1+Köln++50667+DE",
    "NAD+SU+4012345500004::9++Golden?'s Lantern ??",
    "CUX+2:USD:9",
    "LIN+1++GL-TL45:SA",
    "IMD+F++:::LED table lamp?+ shade",
    "QTY+21:42:PCE",
    "PRI+AAA:24.50",
    "UNS+S",
    "CNT+2:1",
)


def order(
    *,
    una: str = "UNA:+.? '",
    level: str = "UNOC:3",
    directory: str = "D:96A:UN",
    nl: str = "\n",
    code: str = "latin-1",
    group: bool = False,
) -> bytes:
    """An order of a buyer's system that knows no hub."""
    inside = [f"UNH+1+ORDERS:{directory}", *ORDER, f"UNT+{len(ORDER) + 2}+1"]
    if group:
        inside = ["UNG+ORDERS+5412345000013:14+4012345500004:14+250103:1012+7+UN+D:96A", *inside, "UNE+1+7"]
    whole = [f"UNB+{level}+5412345000013:14+4012345500004:14+250103:1012+REF77++ORDERS++1", *inside, "UNZ+1+REF77"]
    return (una + (nl if una else "") + "".join(f"{segment}'{nl}" for segment in whole)).encode(code)


def lines_of(body: bytes, width: int, end: bytes = b"\r\n") -> bytes:
    return end.join(body[n : n + width] for n in range(0, len(body), width))


SIGNS = order(una="").decode("latin-1").replace("+", "\0").replace(":", "|").replace("\0", "*").replace("?*", "?+").replace("'", "~")
SAME = {
    "one line": order(nl=""),
    "CRLF": order(nl="\r\n"),
    "indented": order().replace(b"\n", b"\n\t  "),
    "without UNA": order(una=""),
    "UNA in a line of its own": order(una="UNA:+.? '"),
    "decimal comma": order(una="UNA:+,? '").replace(b"24.50", b"24,50"),
    "a comma where UNA says point": order().replace(b"24.50", b"24,50"),
    "D.01B": order(directory="D:01B:UN"),
    "D.10B": order(directory="D:10B:UN"),
    "EANCOM": order(directory="D:96A:UN:EAN008"),
    "a group": order(group=True),
    "UNOA with other letters": order(level="UNOA:1"),
    "UNOB in UTF-8": order(level="UNOB:2", code="utf-8"),
    "UNOC in UTF-8": order(code="utf-8"),
    "UNOY": order(level="UNOY:4", code="utf-8"),
    "UNOW with a mark": order(level="UNOW:4", code="utf-8-sig"),
    "syntax 4 with repetition": order(una="UNA:+.?*'", level="UNOC:4").replace(b"+250103:", b"+20250103:"),
    "cut after 80 characters": lines_of(order(nl=""), 80),
    "cut after 128 characters": lines_of(order(nl=""), 128, b"\n"),
    "the end of a text file of DOS": order() + b"\x1a",
    "blocks filled up": order() + b"\0" * 400,
}


@pytest.mark.parametrize("name", SAME)
def test_an_order_is_read_the_same_however_it_is_sent(name: str) -> None:
    tree, _ = read(SAME[name], EDI)
    assert (at(tree, "document/number"), at(tree, "document/issue_date"), at(tree, "currency")) == ("PO-77", "2025-01-03", "USD")
    assert (at(tree, "buyer/name"), at(tree, "buyer/address/city")) == ("Müller Lampen GmbH", "Köln")
    assert at(tree, "seller/name") == "Golden's Lantern ?", "a supplier who sells is the seller"
    assert at(tree, "lines/0/description") == "LED table lamp+ shade"
    assert (at(tree, "lines/0/quantity/value"), at(tree, "lines/0/unit_price/value")) == ("42", "24.50")
    assert at(tree, "message/created_at") == "2025-01-03T10:12:00Z"


def test_other_service_characters() -> None:
    tree, _ = read(("UNA|*,? ~" + SIGNS.replace("24.50", "24,50")).encode("latin-1"), EDI)
    assert (at(tree, "document/number"), at(tree, "lines/0/unit_price/value")) == ("PO-77", "24.50")


def test_a_code_of_another_list_is_no_party_of_the_hub() -> None:
    tree, left = read(order(), EDI)
    assert at(tree, "buyer/party_id") is None and "segment 7" in left
    own, _ = read(order().replace(b"5412345000013::9+", b"van-der-meer::ZZZ+"), EDI)
    assert at(own, "buyer/party_id") == "van-der-meer"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (order().replace(b"UNZ+1", b"UNZ+2"), "UNZ counts 2, the interchange has 1 messages"),
        (order(level="IATB:1"), "names the character set 'IATB'"),
        (order().replace(b"ORDERS:D", b"PRICAT:D"), "No document is bound to the message type 'PRICAT'"),
        (order()[:-20], "ends inside a segment"),
        (lines_of(order(nl=""), 13), "UNB names the character set"),
        (order(level="UNOW:4"), "is none of the character set that UNB names"),
    ],
)
def test_what_is_no_order_is_refused_for_what_is_wrong(body: bytes, why: str) -> None:
    assert why in refused(body, EDI)


def test_what_we_write_in_western_letters_is_never_taken_for_utf_8() -> None:
    sample = next(iter(sorted((catalogue().message("purchase_order").folder / "samples" / "valid").glob("*.json"))))
    data = intake.read(sample.read_bytes(), "application/json").data
    for name, level in (("Müller", b"UNOC:3"), ("MÃ¼ller", b"UNOW:4"), ("金燈", b"UNOW:4")):
        document = canonical.document("purchase_order", {**data, "buyer": {**data["buyer"], "name": name}})
        body = formats.write(document, "edifact").body
        assert level in body and intake.read(body, EDI) == document


CREDIT = """:27:1/1
:40A:IRREVOCABLE
:20:LC2501234
:31C:250115
:40E:UCP LATEST VERSION
:31D:250415HONG KONG
:50:VAN DER MEER VERLICHTING B.V.
WAALHAVEN ZUIDZIJDE 44
:59:/338-204417-838
GOLDEN LANTERN LIGHTING LTD
KWUN TONG
HONG KONG
:32B:USD102900,
:39A:05/05
:41D:ANY BANK
BY NEGOTIATION
:42C:AT SIGHT
:43P:NOT ALLOWED
:44C:250315
:45A:4,200 PCS LED TABLE LAMPS
+AT USD 24.50 PER PC
:46A:+SIGNED COMMERCIAL INVOICE IN 3 FOLD
+FULL SET CLEAN ON BOARD BILLS OF LADING
MADE OUT TO ORDER AND BLANK ENDORSED
:47A:+ALL DOCUMENTS IN ENGLISH
:48:21/AFTER DATE OF SHIPMENT
:49:WITHOUT"""
FURTHER = ":27:2/2\n:20:LC2501234\n:46A:+PACKING LIST\n:47A:+THIRD PARTY DOCUMENTS ACCEPTABLE"
HEAD = "{1:F01MAASNL2RAXXX0000000000}{2:I700HTBKHKHHXXXXN}{3:{108:MUR1}{121:180f1e65-90e0-44d5-a49a-92b55eb3025f}}{4:\n"
TAIL = "\n-}{5:{MAC:00000000}{CHK:24857F4599E7}{TNG:}}"


def fin(text: str = CREDIT, number: str = "700", *, head: str = HEAD, tail: str = TAIL, nl: str = "\r\n") -> bytes:
    return (head.replace("I700", f"I{number}") + text + tail).replace("\n", nl).encode()


IN_TWO = fin(CREDIT.replace(":27:1/1", ":27:1/2"))
OUT = HEAD.replace("{2:I700HTBKHKHHXXXXN}", "{2:O7001200250115MAASNL2RAXXX12345678902501151200N}")
CREDITS = {
    "CRLF": fin(),
    "LF only": fin(nl="\n"),
    "as it comes out of the network": fin(head=OUT),
    "without a trailer": fin(tail="\n-}"),
    "with a block S of the interface": fin(tail=TAIL + "{S:{COP:P}}"),
    "framed as DOS-PCC does": b"\x01" + fin() + b"\x03" + b" " * 77,
    "with the dollar of RJE": fin() + b"$\r\n",
}


@pytest.mark.parametrize("name", CREDITS)
def test_a_credit_is_read_the_same_however_it_is_framed(name: str) -> None:
    tree, left = read(CREDITS[name], FIN)
    assert (at(tree, "number"), at(tree, "amount/value"), at(tree, "tolerance_plus")) == ("LC2501234", "102900", 5)
    assert at(tree, "beneficiary/name") == "GOLDEN LANTERN LIGHTING LTD", "an account is no name"
    assert at(tree, "beneficiary/address/lines") == ["KWUN TONG", "HONG KONG"] and len(left) == 1
    assert at(tree, "goods_description") == "4,200 PCS LED TABLE LAMPS\n+AT USD 24.50 PER PC"
    documents = [one["conditions"][0] for one in at(tree, "documents_required")]
    assert documents == [
        "SIGNED COMMERCIAL INVOICE IN 3 FOLD",
        "FULL SET CLEAN ON BOARD BILLS OF LADING\nMADE OUT TO ORDER AND BLANK ENDORSED",
    ]


def test_a_credit_goes_on_in_mt_701() -> None:
    tree, _ = read(IN_TWO + b"\r\n" + fin(FURTHER, "701"), FIN)
    assert [one["conditions"][0] for one in at(tree, "documents_required")][-1] == "PACKING LIST"
    assert at(tree, "additional_conditions") == ["ALL DOCUMENTS IN ENGLISH", "THIRD PARTY DOCUMENTS ACCEPTABLE"]


def test_one_narrative_without_plus_signs_is_one_discrepancy() -> None:
    tree, _ = read(fin(":20:D1\n:21:LC2501234\n:32B:USD48250,\n:77J:LATE SHIPMENT\nTWO DAYS", "750"), FIN)
    assert at(tree, "discrepancies") == [{"text": "LATE SHIPMENT\nTWO DAYS"}]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (IN_TWO, "Field 27 of MT 700 says 1/2; the file holds 1 of its parts"),
        (IN_TWO + fin(FURTHER.replace("2/2", "3/3"), "701"), "Field 27 of MT 701 says 3/3"),
        (IN_TWO + fin(FURTHER.replace(":47A:", ":45B:"), "701"), "Field 45B does not stand in MT 701"),
        (fin(FURTHER, "701"), "No document is bound to MT 701"),
        (IN_TWO + fin(FURTHER.replace("LC2501234", "ANOTHER"), "701"), "The file holds 2 messages"),
        (fin() + fin(), "POST /v1/bulk"),
        (fin(CREDIT.replace("USD102900,", "USD102900.00")), "Field 32B"),
        (fin(CREDIT.replace("4,200 PCS", "X" * 66)), "100 of 65 can be carried"),
        (fin(CREDIT.replace("LED", "LÉD")), "is in no SWIFT character set"),
        (fin(":20:LC1\n:21:NONREF\n:31C:250115\n:30:250220\n:26E:1\n:59:X\n:31E:250430\n:79:OTHER TERMS UNCHANGED", "707"), "Field 31E"),
    ],
)
def test_what_is_no_credit_is_refused_for_what_is_wrong(body: bytes, why: str) -> None:
    assert why in refused(body, FIN)


def test_every_message_of_a_file_has_an_outcome_of_its_own() -> None:
    kind = formats.kinds()["swift_mt"]
    found = list(formats.documents(fin() + b"$" + fin(":20:X", "999") + IN_TWO + fin(FURTHER, "701"), kind))
    assert [one.type for one in found] == ["letter_of_credit", "", "letter_of_credit"]
    assert "MT 999" in found[1].faults[0].message

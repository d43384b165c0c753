"""What we write, judged by others: the UN/EDIFACT directory where it is at hand, and pydifact."""

import re
import warnings
from functools import cache
from xml.etree import ElementTree

import pytest
from pydifact.segmentcollection import Interchange
from pydifact.segments import Segment as Theirs

from tests import edifact_directory
from tests.contract.test_formats import samples
from tradeflow.codec import formats

BOUND = sorted(formats.sheets("edifact"))
DIRECTORY = edifact_directory.DIRECTORY
# the elements whose codes the rows say; others hold codes of ours or of other lists (units, countries, Incoterms)
CODED = [
    "1001",
    "1153",
    "1225",
    "2005",
    "2009",
    "2379",
    "2475",
    "3035",
    "3139",
    "3155",
    "3227",
    "4233",
    "4237",
    "4279",
    "4343",
    "4451",
    "5025",
    "5125",
    "5463",
    "6063",
    "6069",
    "6311",
    "6313",
    "6343",
    "6347",
    "7077",
    "7143",
    "8051",
    "8053",
    "8169",
]
here = pytest.mark.skipif(not DIRECTORY.is_dir(), reason=f"the UN/EDIFACT directory is not at {DIRECTORY}")


@cache
def segments() -> dict[str, ElementTree.Element]:
    return {str(one.get("id")): one for one in ElementTree.parse(DIRECTORY / "segments.xml").getroot()}  # noqa: S314


@cache
def codes() -> dict[str, set[str]]:
    found = ElementTree.parse(DIRECTORY / "data_elements.xml").getroot()  # noqa: S314
    return {str(one.get("id")): {str(code.get("id")) for code in one.iter("code")} for one in found}


def theirs(body: bytes) -> list[Theirs]:
    """The segments of the one message, as pydifact reads them: UNH to UNT."""
    text = body.decode("utf-8" if b"UNOW" in body[:30] else "iso8859-1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (message,) = Interchange.from_str(text).get_messages()
    return list(message.segments)


@here
def test_the_facts_we_carry_are_those_of_the_directory() -> None:
    text = edifact_directory.FACTS.read_text(encoding="utf-8")
    names = re.findall(r'^(\w+) = "UNH', text, re.MULTILINE)
    assert text == edifact_directory.facts(names)


@here
@pytest.mark.parametrize("type_", BOUND)
def test_every_segment_stands_where_the_directory_has_it(type_: str) -> None:
    for document in samples(type_):
        found = theirs(formats.write(document, "edifact").body)
        message = str(formats.sheets("edifact")[type_].table.data["message"])
        root = ElementTree.parse(DIRECTORY / "messages" / f"{message.lower()}.xml").getroot()  # noqa: S314
        tags = [segment.tag for segment in found if segment.tag not in ("UNH", "UNT")]
        assert _taken(root, tags) == len(tags), f"{document.number}: {tags}"


@here
@pytest.mark.parametrize("type_", BOUND)
def test_every_value_fits_its_element_and_every_code_is_listed(type_: str) -> None:
    for document in samples(type_):
        for segment in theirs(formats.write(document, "edifact").body):
            if segment.tag in segments() and segment.tag != "PCI":
                _fits(segment, [child for child in segments()[segment.tag] for _ in range(int(child.get("repeat", "1")))])


@pytest.mark.parametrize("type_", BOUND)
def test_counts_and_references_are_right(type_: str) -> None:
    for document in samples(type_):
        body = formats.write(document, "edifact").body.decode("iso8859-1")
        lines = [line for line in body.split("\n") if line]
        assert lines[-2].startswith("UNT+") and lines[-1].startswith("UNZ+1+")
        assert int(lines[-2].split("+")[1]) == len(lines) - 3, "without UNA, UNB and UNZ"
        assert lines[-1].split("+")[2] == lines[1].rsplit("+", 1)[1]


def _fits(segment: Theirs, places: list[ElementTree.Element]) -> None:
    for place, element in zip(places, segment.elements, strict=False):
        parts = element if isinstance(element, list) else [element]
        for one, part in zip(list(place) if len(place) else [place], parts, strict=False):
            assert len(part) <= int(one.get("maxlength", "0")), f"{segment.tag} {part}"
            known = codes().get(str(one.get("id")))
            if known and part and one.get("id") in CODED:
                assert part in known, f"{segment.tag}: {part} is no code of {one.get('id')}"


def _taken(place: ElementTree.Element, tags: list[str]) -> int:
    """How many of the tags a group takes, in its order; the required ones must be there."""
    at = 0
    for child in place:
        if child.tag not in ("segment", "group") or child.get("id") in ("UNH", "UNT"):
            continue
        first, times = (child.get("id") if child.tag == "segment" else child[0].get("id")), 0
        while at < len(tags) and tags[at] == first and times < int(child.get("maxrepeat", "1")):
            at += 1 if child.tag == "segment" else _taken(child, tags[at:])
            times += 1
        assert times or not child.get("required"), f"{child.get('id')} is missing after {tags[:at]}"
    return at


def test_a_document_name_of_nobodys_is_read_as_the_usual_one_and_said() -> None:
    body = (
        b"UNB+UNOC:3+A+B+160321:1425+1'UNH+1+ORDRSP:D:10A:UN'BGM+Z12+CNF-1'DTM+137:20160321:102'RFF+ON:1672'NAD+SU+99::9'UNT+6+1'UNZ+1+1'"
    )
    reading = formats.codec("edifact").read(body)
    assert (reading.type, reading.tree["document"]["number"]) == ("order_response", "CNF-1")
    assert any(loss.pointer == "BGM" and "Z12" in loss.message for loss in reading.losses)


@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-1"])
def test_letters_outside_of_unoa_are_read_and_said(encoding: str) -> None:
    body = "UNB+UNOA:3+A+B+160321:1425+1'UNH+1+ORDERS:D:24A:UN'BGM+220+PO-1+9'NAD+BY+99::9++Müller'UNT+4+1'UNZ+1+1'".encode(encoding)
    reading = formats.codec("edifact").read(body)
    assert reading.tree["buyer"]["name"] == "Müller"
    assert any("UNB says UNOA" in loss.message for loss in reading.losses)

"""Every message in every format it is bound to: what comes back is the document, less exactly what the report names."""

import copy
from pathlib import Path

import msgspec
import pytest

from tests.contract import codecs
from tradeflow.codec import canonical, formats, intake
from tradeflow.codec.loss import same
from tradeflow.errors import BadInput
from tradeflow.model.document import Document
from tradeflow.model.format import ASIDE, DROPPED, Written
from tradeflow.model.pointers import leaves

BOUND = [(kind, type_) for kind in formats.kinds() for type_ in formats.sheets(kind)]

ALL_COMES_BACK = ("ubl", "dcsa", "wco", "asycuda")  # they have a place for what is not theirs
GENERAL = {"xml": "application/xml", "json": "application/json"}


def samples(type_: str) -> list[Document]:
    folder = formats.catalogue().message(type_).folder / "samples" / "valid"
    return [intake.read(file.read_bytes(), "application/json") for file in sorted(folder.glob("*.json"))]


def writable(type_: str, kind: str) -> list[tuple[Document, Written]]:
    """The samples that a format can carry, as files: it says of the others why not. One of each is enough where no rows were written."""
    found = []
    for document in samples(type_)[: 1 if formats.kinds()[kind].every else None]:
        try:
            found.append((document, formats.write(document, kind)))
        except BadInput as refusal:
            if refusal.code != "NOT_ACCEPTABLE":
                raise
    return found


@pytest.mark.parametrize(("kind", "type_"), BOUND, ids=str)
def test_what_comes_back_is_the_document_less_what_the_report_names_once(kind: str, type_: str) -> None:
    documents = writable(type_, kind)
    assert documents
    for document, written in documents:
        back = formats.codec(kind).read(written.body)
        assert back.type == type_
        lost = {loss.pointer for loss in written.losses if loss.kind != ASIDE}
        assert not (lost and kind in ALL_COMES_BACK)
        if not lost:
            for media_type in {media := formats.kinds()[kind].media_type, GENERAL.get(media.rpartition("+")[2], media)}:
                assert intake.read(written.body, media_type) == document
        here, there = dict(leaves(msgspec.json.decode(document.canonical))), dict(leaves(back.tree))
        assert set(there) <= set(here), "nothing is made up"
        message = formats.catalogue().message(type_)
        for pointer in set(here) - lost:
            assert same(message, pointer, here[pointer], there[pointer]), f"{document.number} {pointer}"
        assert back.losses == () and back.faults == (), "what we write ourselves is understood whole"
        pointers = [loss.pointer for loss in written.losses]
        assert len(pointers) == len(set(pointers))
        assert set(pointers) <= set(here)


def test_a_field_that_finds_no_room_is_named_as_dropped() -> None:
    document = samples("order_response")[0]
    data = copy.deepcopy(document.data)
    data["changes"] = [{"path": f"lines/{n}", "proposed": "x" * 490} for n in range(700)]
    written = formats.write(canonical.document("order_response", data), "edifact")
    dropped = [loss.pointer for loss in written.losses if loss.kind == DROPPED]
    assert dropped and all(pointer.startswith("/") for pointer in dropped)
    back = dict(leaves(formats.codec("edifact").read(written.body).tree))
    assert not set(dropped) & set(back)


def test_a_message_without_the_format_says_which_it_has() -> None:
    document = samples("bill_of_exchange")[0]
    with pytest.raises(BadInput, match="has no form in UN/EDIFACT") as refusal:
        formats.write(document, "edifact")
    assert refusal.value.status == 406


@pytest.mark.parametrize(
    ("rows", "what", "line"),
    [
        ('message = "ORDERS"\nrows = ["BGM+220+{document.nmber}"]', "no field document.nmber", 2),
        ('message = "ORDERS"\nrows = [\n  "BGM+220+{document.number}",\n  "EQQ+1+{currency}",\n]', "EQQ does not stand in ORDERS", 4),
        ('message = "ORDERZ"\nrows = []', "no message of adapters/edifact/directory.toml", 1),
        ('message = "ORDERS"\nrows = ["BGM+220+{order_kind|nothing}"]', "no codes are called nothing", 2),
        ('message = "ORDERS"\nrows = ["BGM+220+a:b:c:d:{currency}"]', "BGM has no element 2 with component 4", 2),
        ('message = "ORDERS"\nrows = ["CUX+2:{currency}:9",\n "CUX+2:{load_type}:9"]', "another row asks for the same segment", 3),
        ('message = "ORDERS"\nrows = [{ at = "buyer", use = "nobody" }]', "no shared rows are called nobody", 2),
        ('message = "ORDERS"\nrows = [{ each = "lines[]", open = "BGM+{line_no}", rows = ["DTM+2:{origin}"] }]', "opens no group", 2),
    ],
)
def test_a_wrong_row_is_found_at_its_line(tmp_path: Path, rows: str, what: str, line: int) -> None:
    codecs.found_at_its_line(tmp_path / "rows.toml", "edifact", "purchase_order", rows, what, line)

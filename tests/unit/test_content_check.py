"""Every kind of defect in documents/ is found, with the file and line to look at: names, samples, snippets."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tradeflow.app import proof
from tradeflow.app.content import check_guard_rules, check_samples
from tradeflow.bundle import bundle_root
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue, catalogue
from tradeflow.model.check import check_catalogue
from tradeflow.rules.binding import Rule, bind

ORDER = "purchase_order/message.toml"

# what is spoilt: file, text, its replacement, what the defect says
NAMES = [
    ("sender", ORDER, 'from_roles = ["importer"]', 'from_roles = ["buyer"]', "purchase_order: from_roles names unknown role buyer"),
    ("recipient", ORDER, 'to_roles = ["exporter"]', 'to_roles = ["seller"]', "purchase_order: to_roles names unknown role seller"),
    ("reader", ORDER, "visible_to = []", 'visible_to = ["world"]', "purchase_order: visible_to names unknown role world"),
    ("no sender", ORDER, 'from_roles = ["importer"]', "from_roles = []", "purchase_order: from_roles names nobody"),
    ("no recipient", ORDER, 'to_roles = ["exporter"]', "to_roles = []", "purchase_order: to_roles names nobody"),
    ("reply", ORDER, 'replies = ["sales_order"', 'replies = ["sales_note"', "purchase_order: replies names unknown message sales_note"),
    ("standard", ORDER, 'ubl = "Order"', 'ubi = "Order"', "purchase_order: unknown standard ubi"),
    ("code list", "_common/codelists.toml", "transport_mode = {", 'colour = { source = "us", values = ["RED"] }\ntransport_mode = {', "colour in codelists is used by no message"),
    ("type", "_common/types.toml", "[Party]", '[Hull]\nfields = [{ path = "name", name = "Name", type = "string" }]\n\n[Party]', "Hull in types is used by no message"),
    ("block", "_common/blocks.toml", "[header]", '[hulls]\nfields = [{ path = "hulls", name = "Hulls", type = "integer" }]\n\n[header]', "hulls in blocks is used by no message"),
]  # fmt: skip

# how a sample is spoilt: text, its replacement, what the defect says, what stands in its line
SAMPLES = [
    ("not JSON", '"message": {', '"message": [', "", ""),
    ("member missing", '"currency": "USD",', "", "currency", ""),
    ("member unknown", '"currency": "USD",', '"currency": "USD", "colour": "red",', "/colour", '"colour"'),
    ("code unknown", '"currency": "USD",', '"currency": "USX",', "/currency", '"currency"'),
    ("date wrong", '"issue_date": "', '"issue_date": "31', "/document/issue_date", '"issue_date"'),
    ("wrong kind", '"version": 1', '"version": "one"', "/document/version", '"version"'),
]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A copy of the installed documents without their samples."""
    shutil.copytree(bundle_root() / "documents", tmp_path / "documents", ignore=shutil.ignore_patterns("samples"))
    return tmp_path


def test_the_installed_documents_are_sound() -> None:
    assert [str(defect) for defect in check_catalogue(catalogue())] == []


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in NAMES])
def test_a_name_that_means_nothing_is_found_at_its_line(documents: Path, row: tuple[str, str, str, str, str]) -> None:
    _, name, old, new, says = row
    file = documents / "documents" / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    assert [(d.file, d.line, d.what) for d in check_catalogue(Catalogue([documents]))] == [(str(file), line, says)]


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in SAMPLES])
def test_a_sample_that_breaks_its_schema_is_found_at_its_line(tmp_path: Path, row: tuple[str, str, str, str, str]) -> None:
    _, old, new, says, stands = row
    kind = catalogue().message("purchase_order")
    folder = tmp_path / "samples" / "valid"
    folder.mkdir(parents=True)
    text = (kind.folder / "samples" / "valid" / "s01.json").read_text(encoding="utf-8")
    assert old in text
    (folder / "s01.json").write_text(text.replace(old, new, 1), encoding="utf-8")
    (defect,) = check_samples(replace(kind, folder=tmp_path))
    assert re.fullmatch(r".+s01\.json:\d+: .+", str(defect), re.DOTALL)
    assert says in defect.what
    assert stands in (folder / "s01.json").read_text(encoding="utf-8").splitlines()[defect.line - 1]


def test_a_guard_that_asks_an_unknown_rule_is_found_at_its_line(documents: Path) -> None:
    shutil.copytree(bundle_root() / "workflows", documents / "workflows")
    file = documents / "workflows" / "_common" / "guards.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"M-LC-14"', '"M-LC-99"', 1), encoding="utf-8")
    line = text[: text.index('"M-LC-14"')].count("\n") + 1
    found = [str(defect) for defect in check_guard_rules(Catalogue([documents]))]
    assert f"{file}:{line}: guard advice_equals_credit: unknown rule M-LC-99" in found


def spoilt(**changes: object) -> list[ContentError]:
    """What the snippets of a rule of the purchase order say with some of its row changed."""
    good = next(made for made in proof.proofs() if made.message == "purchase_order" and isinstance(made.rule, Rule))
    row = msgspec.structs.replace(good.row, line=-good.row.line, **changes)
    return list(proof.check_snippets([proof.Proof("purchase_order", bind(row, {"": catalogue().message("purchase_order")}))]))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"failing": {"document.remarks": "as it should be"}}, "its failing snippet passes"),
        ({"failing": {"-nowhere": ""}}, "its snippets cannot be made: -nowhere: there is nothing to remove"),
        ({"failing": {"lines[9].quantity.value": "1"}}, "its snippets cannot be made"),
        ({"failing": {"currency": "USX"}}, "its snippet breaks the schema: /currency"),
        ({"sample": "no-such"}, "its snippets cannot be made"),
    ],
)
def test_a_snippet_that_shows_nothing_is_found_at_its_row(changes: dict[str, object], says: str) -> None:
    (found,) = spoilt(**changes)
    assert says in found.what and found.file.endswith(".toml")


def test_a_passing_snippet_that_fails_is_found() -> None:
    good = next(made for made in proof.proofs() if made.message == "purchase_order" and isinstance(made.rule, Rule))
    (found,) = spoilt(passing=good.row.failing)
    assert "its passing snippet fails" in found.what


def test_every_rule_proves_itself() -> None:
    assert list(proof.check_snippets(proof.proofs()[:60])) == []

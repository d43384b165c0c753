"""The catalogue reads little, late and once, and says where content is wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from tradeflow.codec.shape import shape, singular
from tradeflow.errors import ContentError
from tradeflow.model import content
from tradeflow.model.catalogue import Catalogue, catalogue

ROOT = Path(__file__).parents[2]
ENVELOPE = 'fields = [{ path = "message.id", name = "Id", type = "id", required = true }]\n'
MESSAGE = """name = "Note"
schema_version = "1.0"
processes = [1]
category = "commercial"
from_roles = ["exporter"]
to_roles = ["importer"]
action = "creates"
mode = "any"
legal = "none"
is_title_document = false
negotiable = false
fields = [
  { path = "body", name = "Body", type = "text", required = true },
]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "_common/envelope.toml", ENVELOPE)
    write(tmp_path, "_common/types.toml", '[Amount]\nfields = [{ path = "value", name = "Value", type = "decimal", required = true }]\n')
    write(tmp_path, "_common/codelists.toml", 'flag = { source = "us", values = ["Y=Yes", "N=No"] }\n')
    write(tmp_path, "_common/blocks.toml", '[head]\nfields = [{ path = "number", name = "Number", type = "id" }]\n')
    write(tmp_path, "note/message.toml", MESSAGE)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    file = root / "documents" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_every_message_of_the_catalogue_loads() -> None:
    known = catalogue()
    assert len(known.ids()) >= 86
    assert known.ids() == sorted(known.ids())
    for id in known.ids():
        mt = known.message(id)
        assert mt.id == id and mt.name and mt.fields and mt.folder.name == id
        assert set(mt.from_roles) | set(mt.to_roles) | set(mt.visible_to) <= known.roles.keys()
        assert set(mt.replies) <= set(known.ids())
        assert shape(mt).members[0].name == "message"


def test_listing_reads_no_file_and_a_message_reads_its_own_and_the_shared_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("tradeflow.model.catalogue.load", lambda file: opened.append(file.parent.name) or content.load(file))
    known = Catalogue([ROOT])
    known.ids()
    assert opened == []
    known.message("purchase_order")
    known.message("commercial_invoice")
    known.message("purchase_order")
    assert [name for name in opened if name != "_common"] == ["purchase_order", "commercial_invoice"]
    assert opened.count("_common") <= 4


def test_importing_the_codec_reads_no_content_and_no_country_list() -> None:
    code = "import sys; import tradeflow.codec.intake as i; print('pycountry' in sys.modules, i.shared_catalogue.cache_info().currsize)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).split() == ["False", "0"]


def test_an_unknown_message_is_a_key_error(root: Path) -> None:
    with pytest.raises(KeyError):
        Catalogue([root]).message("nonsense")


def test_own_rows_replace_rows_of_blocks_in_place(root: Path) -> None:
    replaced = '{ path = "number", name = "Other", type = "id", required = true },\n'
    write(root, "note/message.toml", MESSAGE.replace("fields = [\n", 'uses = ["head"]\nfields = [\n' + replaced))
    mt = Catalogue([root]).message("note")
    assert [(row.path, row.name) for row in mt.fields] == [("number", "Other"), ("body", "Body")]


def test_a_later_root_adds_but_never_overrides(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    second = tmp_path_factory.mktemp("second")
    write(second, "memo/message.toml", MESSAGE)
    write(second, "_common/codelists.toml", 'colour = { source = "them", values = ["RED"] }\n')
    both = Catalogue([root, second])
    assert both.ids() == ["memo", "note"]
    assert set(both.codelists) == {"flag", "colour"}
    write(second, "note/message.toml", MESSAGE)
    with pytest.raises(ContentError, match="note is already defined"):
        Catalogue([root, second]).ids()
    write(second, "_common/codelists.toml", '\nflag = { source = "them", values = ["RED"] }\n')
    with pytest.raises(ContentError, match=r"codelists\.toml:2: flag is already defined"):
        Catalogue([root, second]).codelists  # noqa: B018


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("lines[]", "Order lines"),
        ("lines[].quantity.value", "Value"),
        ("lines[].packages[].type", "Kind of packages"),
        ("message.sender.role", "Sender's role in this trade"),
        ("message.recipients[].role", "Role"),
        ("totals.total", "Order total"),
        ("totals", None),
        ("lines[].nothing", None),
        ("line", None),
    ],
)
def test_rows_are_found_by_path(path: str, found: str | None) -> None:
    row = catalogue().message("purchase_order").field_at(path)
    assert (row.name if row else None) == found


def row(text: str) -> str:
    return MESSAGE.replace("fields = [\n", f"fields = [\n  {text},\n")


DEFECTS = {
    "not TOML": ("name = \n", 1, "not valid TOML"),
    "unknown key": ('nam = "x"\n' + MESSAGE, 1, "unknown or missing: nam"),
    "missing key": (MESSAGE.replace('action = "creates"\n', ""), 1, "unknown or missing: action"),
    "unknown block": ('uses = [\n"nothing"]\n' + MESSAGE, 1, "unknown block nothing"),
    "row without path": (row('{ name = "X", type = "id" }'), 12, "rows with a path"),
    "row without name": (row('{ path = "x", type = "id" }'), 13, "needs path, name and type"),
    "row with unknown key": (row('{ path = "x", name = "X", type = "id", requird = true }'), 13, "unknown key requird"),
    "unknown type": (row('{ path = "x", name = "X", type = "ids" }'), 13, "unknown type ids"),
    "list without brackets": (row('{ path = "x", name = "X", type = "list", of = "string" }'), 13, "ends in []"),
    "brackets without list": (row('{ path = "x[]", name = "X", type = "string" }'), 13, "ends in []"),
    "object of nothing": (row('{ path = "x", name = "X", type = "object" }'), 13, "needs `of`"),
    "object of unknown type": (row('{ path = "x", name = "X", type = "object", of = "Thing" }'), 13, "unknown type Thing"),
    "unknown code list": (row('{ path = "x", name = "X", type = "code", codelist = "colour" }'), 13, "unknown code list colour"),
    "path twice": (row('{ path = "body", name = "X", type = "id" }'), 14, "stands twice"),
    "row above rows": (row('{ path = "body.x", name = "X", type = "id" }'), 14, "rows below it"),
    "reserved name": (row('{ path = "ext.x", name = "X", type = "id" }'), 13, "reserved"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_names_file_and_line(name: str, root: Path) -> None:
    text, line, what = DEFECTS[name]
    write(root, "note/message.toml", text)
    with pytest.raises(ContentError, match=f"message\\.toml:{line}: .*{what.replace('[', chr(92) + '[')}"):
        Catalogue([root]).message("note")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('flag = { source = "us" }\n', 1, "neither values, pattern nor library"),
        ('\nflag = { source = "us", pattern = "(" }\n', 2, "pattern:"),
        ('flag = { source = "us", library = "iso9999" }\n', 1, "unknown library"),
    ],
)
def test_a_defect_in_a_code_list_names_file_and_line(text: str, line: int, what: str, root: Path) -> None:
    write(root, "_common/codelists.toml", text)
    with pytest.raises(ContentError, match=f"codelists\\.toml:{line}: .*{what}"):
        Catalogue([root]).codelists  # noqa: B018


def test_two_members_with_one_element_name_are_a_defect(root: Path) -> None:
    pair = '{ path = "tax", name = "Tax", type = "id" }, { path = "taxes[]", name = "Taxes", type = "list", of = "string" }'
    write(root, "note/message.toml", row(pair))
    with pytest.raises(ContentError, match="XML element tax"):
        shape(Catalogue([root]).message("note"))


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("lines", "line"),
        ("notify_parties", "notify_party"),
        ("taxes", "tax"),
        ("clauses", "clause"),
        ("hs_codes", "hs_code"),
        ("goods", "goods"),
        ("equipment", "equipment"),
        ("charges_to_date", "charge_to_date"),
        ("documents", "listed_document"),
        ("references", "related_document"),
        ("addresses", "address"),
    ],
)
def test_one_element_of_a_list_is_named_in_the_singular(plural: str, one: str) -> None:
    assert singular(plural) == one

"""Defects of rule content, each with its file and line, all at once."""

from pathlib import Path

import pytest

from tradeflow.bundle import bundle_root
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue
from tradeflow.rules.check import check_rules
from tradeflow.rules.evaluate import bind_own, rows_of
from tradeflow.rules.rows import rows

GOOD = {
    "id": '"M-TEST-01"',
    "severity": '"error"',
    "check": '"present"',
    "args": '{ path = "hulls" }',
    "text": '"A hull is counted."',
    "hint": '"Count it."',
    "source": '"invented"',
    "fail": '{ "-hulls" = "" }',
}
MESSAGE = """
name = "Hull count"
schema_version = "1.0"
processes = [7]
category = "transport"
from_roles = ["sea_carrier"]
to_roles = ["importer"]
action = "notifies"
mode = "any"
legal = "none"
is_title_document = false
negotiable = false
uses = ["header"]
fields = [
  { path = "hulls", name = "Hulls", type = "integer", required = true },
  { path = "yards[].name", name = "Yard", type = "string" },
]
"""


def row(**changes: str) -> str:
    """A rule row in TOML, with some values changed or (empty) left out."""
    values = {**GOOD, **changes}
    return "[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if value)


def content(folder: Path, files: dict[str, str]) -> Catalogue:
    """The bundle's content and a root of its own with one more message and these rule files."""
    for name, text in {"hull_count/message.toml": MESSAGE, **files}.items():
        file = folder / "documents" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Catalogue((bundle_root(), folder))


def defects(folder: Path, files: dict[str, str]) -> list[str]:
    """The defects found, as "file:line: what" below the folder."""
    found = [str(error) for error in check_rules(content(folder, files))]
    assert all(error.startswith(str(folder)) for error in found), found
    return [error.removeprefix(f"{folder}/documents/") for error in found]


def test_the_content_that_is_shipped_has_no_defect() -> None:
    assert check_rules() == []


def test_a_good_row_has_none(tmp_path: Path) -> None:
    assert defects(tmp_path, {"hull_count/rules.toml": row()}) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": '"M-1"'}, "matching regex"),
        ({"id": ""}, "missing required field `id`"),
        ({"severity": '"fatal"'}, "Invalid enum value 'fatal'"),
        ({"text": '""'}, "length >= 1"),
        ({"hint": ""}, "missing required field `hint`"),
        ({"source": ""}, "missing required field `source`"),
        ({"fail": ""}, "it needs a failing snippet (fail)"),
        ({"chekc": '"present"'}, "unknown field `chekc`"),
        ({"line": "3"}, "not for rows to say"),
        ({"check": '"exists"'}, "unknown check exists"),
        ({"args": '{ path = "hull" }'}, "hull: hull_count has no such path"),
        ({"args": '{ paths = "hulls" }'}, "check present takes path; unknown or missing: path, paths"),
        ({"args": "{ path = 3 }"}, "path must be a path"),
        ({"args": "{}"}, "unknown or missing: path"),
        ({"check": '"between"', "args": '{ path = "hulls", most = "many" }'}, "most must be a number, written as a string"),
        ({"check": '"between"', "args": '{ path = "hulls", most = 1.5 }'}, "most must be a number, written as a string"),
        ({"check": '"one_of"', "args": '{ path = "hulls", values = "a" }'}, "values must be a list"),
        ({"check": '"one_of"', "args": '{ path = "hulls", values = [1] }'}, "values must be str"),
        ({"check": '"not_older_than"', "args": '{ moment = "message.created_at", days = true }'}, "days must be int"),
        ({"check": '"differs"', "args": '{ path = "hulls", other = "yards[].name" }'}, "may stand for several values"),
        ({"when": '{ "yard" = "x" }'}, "yard: hull_count has no such path"),
    ],
)
def test_a_bad_row_is_a_defect_with_its_line(tmp_path: Path, changes: dict[str, str], says: str) -> None:
    message = content(tmp_path, {"hull_count/rules.toml": "# a comment\n\n" + row(**changes)}).message("hull_count")
    with pytest.raises(ContentError) as caught:
        [bind_own(row, message) for row in rows_of(message)]
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "documents/hull_count/rules.toml"), 3)
    assert says in str(caught.value)


def test_every_defect_is_told_at_once(tmp_path: Path) -> None:
    own = row(check='"exists"') + "\n" + row(id='"M-TEST-02"', args='{ path = "hull" }')
    shared = row(id='"M-TEST-03"', applies_to='"all"', args='{ path = "no.such" }')
    cross = row(id='"X-99"', documents='["hull_count", "manifesto"]')
    found = defects(tmp_path, {"hull_count/rules.toml": own, "_common/rules/more.toml": shared, "_common/cross_more.toml": cross})
    assert sorted(error.partition(": ")[0] for error in found) == [
        "_common/cross_more.toml:1",
        "_common/rules/more.toml:1",
        "hull_count/rules.toml:1",
        "hull_count/rules.toml:11",
    ]


def test_a_row_for_all_messages_that_fits_none_is_a_defect(tmp_path: Path) -> None:
    found = defects(tmp_path, {"_common/rules/more.toml": row(applies_to='"all"', args='{ path = "<Party>.leo" }')})
    assert found == ["_common/rules/more.toml:1: M-TEST-01: it applies to no message"]


def test_a_row_for_named_messages_must_fit_each_of_them(tmp_path: Path) -> None:
    found = defects(tmp_path, {"_common/rules/more.toml": row(messages='["hull_count", "manifest"]')})
    assert found == ["_common/rules/more.toml:1: M-TEST-01: hulls: manifest has no such path"]


def test_one_id_is_one_rule_of_a_message(tmp_path: Path) -> None:
    found = defects(tmp_path, {"hull_count/rules.toml": row() + "\n" + row()})
    assert len(found) == 1
    assert "hull_count has this rule already" in found[0] and found[0].startswith("hull_count/rules.toml:11")


def test_rules_across_documents_need_two_and_know_their_paths(tmp_path: Path) -> None:
    cross = row(id='"X-98"', documents='["hull_count"]') + row(
        id='"X-99"', check='"equals"', documents='["hull_count", "manifest"]', args='{ path = "hull_count:hulls", to = "manifest:hulls" }'
    )
    assert [error.partition(": ")[2] for error in defects(tmp_path, {"_common/cross_more.toml": cross})] == [
        'X-98: a rule across documents names two or more documents, or the whole trade ("trade")',
        "X-99: manifest:hulls: manifest has no such path",
    ]


def test_a_file_that_is_not_rows_is_a_defect(tmp_path: Path) -> None:
    assert "not valid TOML" in defects(tmp_path, {"hull_count/rules.toml": "[[rule]\n"})[0]


@pytest.mark.parametrize("text", ["rule = 3\n", 'rule = [{ id = "M-TEST-01" }]\n', "[rules]\n", row() + "[extra]\n"])
def test_rows_start_on_a_line_of_their_own(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="each starting on a line of its own"):
        rows(file)

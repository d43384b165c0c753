"""The control list: which row an HS code falls under, and what a row that is not well formed is told."""

from pathlib import Path

import pytest

from tradeflow.bundle import content_roots
from tradeflow.errors import ContentError
from tradeflow.model.catalogue import Catalogue
from tradeflow.model.goods import Control, control, controls
from tradeflow.rules.check import check_rules

ROWS = (Control("8543", "STRATEGIC", "LICENCE", "electrical machines"), Control("854370", "ODS", "PERMIT", "one kind of them"))


@pytest.mark.parametrize(("code", "scheme"), [("854310", "STRATEGIC"), ("854370", "ODS"), ("85437090", "ODS")])
def test_the_row_with_the_most_digits_decides(code: str, scheme: str) -> None:
    found = control(code, ROWS)
    assert found is not None and found.scheme == scheme


def test_goods_on_no_row_are_free() -> None:
    assert control("940521", ROWS) is None


def test_every_row_says_scheme_and_kind() -> None:
    rows = controls(tuple(content_roots()))
    assert len(rows) >= 20
    assert {row.kind for row in rows} <= {"LICENCE", "CERTIFICATE", "PERMIT"}


def test_a_row_without_its_scheme_is_a_defect(tmp_path: Path) -> None:
    file = tmp_path / "workflows" / "_common" / "goods.toml"
    file.parent.mkdir(parents=True)
    file.write_text('# ours\n\ncontrolled = [{ hs = "9999", text = "something" }]\n', encoding="utf-8")
    with pytest.raises(ContentError):
        controls((tmp_path,))
    found = [error for error in check_rules(Catalogue([*content_roots(), tmp_path])) if "goods.toml" in error.file]
    assert [(error.line, "scheme" in str(error)) for error in found] == [(3, True)]

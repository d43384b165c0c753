"""Writing documents: every message's form, and that what is typed into it is what lodging the same document is."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.http.desk import Desk, sample
from tests.portal.conftest import Visits, email_of
from tests.portal.visitor import PASSWORD
from tradeflow.bundle import bundle_root
from tradeflow.codec import canonical
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.entry.read import entered
from tradeflow.portal.entry.view import Block, Control, drawn

SAMPLES = sorted((bundle_root() / "documents").glob("*/samples/valid/*.json"))


def fields(tree: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """The fields of a form as a browser sends them back untouched."""
    made = drawn(catalogue().message(kind), tree)
    found = [*made.envelope, *made.ext]
    todo: list[Control | Block] = [item for section in made.sections for item in (*section.items, *section.more)]
    while todo:
        item = todo.pop()
        if isinstance(item, Block):
            todo += [*item.items, *item.more]
        else:
            found.append((item.name, item.value.replace("\n", "\r\n")))
            if item.kind == "moment":
                found.append((item.name + "@", item.offset or "Z"))
    return found


def test_every_message_has_its_samples() -> None:
    assert {file.parts[-4] for file in SAMPLES} == set(catalogue().ids())


@pytest.mark.parametrize("file", SAMPLES, ids=lambda f: f"{f.parts[-4]}-{f.stem}")
def test_what_a_form_sends_back_is_the_document(file: Path) -> None:
    tree = json.loads(file.read_bytes())
    kind = tree["message"]["type"]
    sent = entered(catalogue().message(kind), fields(tree, kind))
    assert canonical.document(kind, sent.tree).canonical == canonical.document(kind, tree).canonical

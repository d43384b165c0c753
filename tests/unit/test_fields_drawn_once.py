"""Fields are drawn once for all values: what is filled in later has to look as if the template had drawn it, and nothing is drawn twice."""

from collections.abc import Iterator

import pytest

from tradeflow.draft import Origin
from tradeflow.language.catalogues import languages
from tradeflow.model.catalogue import catalogue
from tradeflow.portal.entry.once import Drawer
from tradeflow.portal.entry.view import Blank, Block, Control, drawn
from tradeflow.portal.render import environment

VALUES = {
    "text": ("", 'A "quoted" & <marked> value', "\ue000\ue002", "x"),
    "area": ("", "one\ntwo\n\nfour & <five>", "\nfirst line is empty"),
    "number": ("", "1.50"),
    "integer": ("", "12", "twelve"),
    "date": ("", "2025-03-04", "4 March"),
    "moment": ("", "2025-03-04T10:00", "2025-03-04T10:00:30", "at noon"),
    "yesno": ("", "true", "false", "perhaps"),
    "select": ("", "no such code"),
}
ORIGINS = (None, Origin("document", "", "commercial_invoice", 'No "7" <b>', 2), Origin("computed", "sum of Line amount"))


def controls(item: Control | Block | Blank) -> Iterator[Control]:
    """Every field of an item."""
    if isinstance(item, Control):
        yield item
    elif isinstance(item, Block):
        for inner in (*item.items, *item.more):
            yield from controls(inner)


@pytest.mark.parametrize("language", list(languages()))
def test_what_is_filled_in_is_what_the_template_draws(language: str) -> None:
    made = environment(language)
    drawer, template = (
        Drawer(made),
        made.from_string('{% from "entry.html" import control, input with context %}{{ input(item, label) if label else control(item) }}'),
    )
    forms = [drawn(catalogue().message(id), {}).sections for id in ("bill_of_lading", "departure_notice")]
    items = [item for form in forms for section in form for item in (*section.items, *section.more)]
    of_kinds = {one.kind: one for item in items for one in controls(item)}
    assert {"text", "date", "moment", "yesno", "select"} <= set(of_kinds)
    for kind, one in of_kinds.items():
        known = tuple(code for code, _ in one.options[:2])
        for value in (*VALUES[kind], *known):
            for origin in ORIGINS:
                one.value, one.origin, one.offset = value, origin, "+08:00" if kind == "moment" and value else ""
                assert drawer.whole(one) == template.render(item=one, label="")
                assert drawer.typed(one, 'Row "1"') == template.render(item=one, label='Row "1"')


def test_a_party_without_content_is_drawn_once_for_all_messages() -> None:
    drawer = Drawer(environment("en"))

    def parties(kind: str) -> list[Blank]:
        sections = drawn(catalogue().message(kind), {}).sections
        return [i for s in sections for i in (*s.items, *s.more) if isinstance(i, Blank) and i.node.type == "Party" and not i.node.repeats]

    found = [one for kind in ("commercial_invoice", "packing_list", "bill_of_lading", "purchase_order") for one in parties(kind)]
    for one in found:
        text = drawer.blank(one)
        assert f'name="{one.name}/name"' in text and f'id="f{one.name.replace("/", ".")}.name"' in text
    kept = [key for key in drawer._kept if isinstance(key, tuple) and key[0] in {one.node for one in found}]
    assert len(kept) == len({(one.node, one.label, one.needed) for one in found})
    before = dict(drawer._kept)
    for one in found:
        drawer.blank(one)
    assert drawer._kept == before

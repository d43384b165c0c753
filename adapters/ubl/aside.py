"""What UBL has no place for, in an extension that is agreed on."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tradeflow.adapters.ubl.tree import EXT

from tradeflow.elements.aside import URI, Stated
from tradeflow.elements.element import Element


def extension(fields: Sequence[Stated]) -> str:
    """The UBLExtensions of a document; "" where everything has its place."""
    if not fields:
        return ""
    rows = "\n".join(
        f"        <tf:Field pointer={quoteattr(one.pointer)}{_instead(one)}>{escape(_text(one.value))}</tf:Field>" for one in fields
    )
    return (
        f"  <ext:UBLExtensions>\n    <ext:UBLExtension>\n      <ext:ExtensionURI>{URI}</ext:ExtensionURI>\n      <ext:ExtensionContent>\n"
        f'       <tf:Aside xmlns:tf="{URI}">\n{rows}\n       </tf:Aside>\n      </ext:ExtensionContent>\n    </ext:UBLExtension>\n'
        "  </ext:UBLExtensions>"
    )


def _instead(one: Stated) -> str:
    return "" if one.instead is None else f" instead={quoteattr(_text(one.instead))}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def stated(root: Element) -> Iterator[Stated]:
    """The fields that an extension of ours says, and what UBL said instead when it was written. The schema judges them."""
    extensions = [child for child in root.children if child.name == "UBLExtensions" and child.namespace == EXT]
    for element in _below(extensions):
        if element.name == "Field" and element.namespace == URI:
            instead = element.attributes.get("instead")
            value = _scalar(element.text)
            yield Stated(element.attributes.get("pointer", ""), value, None if instead is None else _scalar(instead))


def _scalar(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if value is None or isinstance(value, (str, int, bool)) else text


def _below(elements: list[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from _below(element.children)

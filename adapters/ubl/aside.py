"""What UBL has no place for goes into an extension that is agreed on, pointer by pointer: between two hubs a document is whole."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tradeflow.adapters.ubl.tree import EXT, Element

from tradeflow.model.document import Tree

URI = "urn:tradeflow:aside:1.0"
_DIGITS_MAX = 5


def extension(fields: Mapping[str, Any], back: Mapping[str, Any]) -> str:
    """The UBLExtensions of a document; "" where everything has its place.

    A field that UBL says less exactly has the value that UBL says for it beside its own: where a partner has changed that, ours is over.
    """
    if not fields:
        return ""
    rows = "\n".join(
        f"        <tf:Field pointer={quoteattr(pointer)}{_instead(back, pointer)}>{escape(_text(value))}</tf:Field>"
        for pointer, value in fields.items()
    )
    return (
        f"  <ext:UBLExtensions>\n    <ext:UBLExtension>\n      <ext:ExtensionURI>{URI}</ext:ExtensionURI>\n      <ext:ExtensionContent>\n"
        f'       <tf:Aside xmlns:tf="{URI}">\n{rows}\n       </tf:Aside>\n      </ext:ExtensionContent>\n    </ext:UBLExtension>\n'
        "  </ext:UBLExtensions>"
    )


def _instead(back: Mapping[str, Any], pointer: str) -> str:
    return f" instead={quoteattr(_text(back[pointer]))}" if pointer in back else ""


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def stated(root: Element) -> Iterator[tuple[str, Any, Any]]:
    """The fields that an extension of ours says, and what UBL said instead when it was written. The schema judges them."""
    extensions = [child for child in root.children if child.name == "UBLExtensions" and child.namespace == EXT]
    for element in _below(extensions):
        if element.name == "Field" and element.namespace == URI:
            instead = element.attributes.get("instead")
            yield element.attributes.get("pointer", ""), _scalar(element.text), None if instead is None else _scalar(instead)


def _scalar(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, (str, int, bool)) else text


def _below(elements: list[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from _below(element.children)


def put(tree: Tree, pointer: str, value: Any, instead: Any = None) -> bool:
    """Put a value at a JSON Pointer where there is none, or what it stands for; lists grow by one element at a time."""
    parts = pointer.split("/")[1:]
    if not parts or len(parts) > 20:
        return False
    node: Any = tree
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        made: Any = value if following is None else [] if _index(following) is not None else {}
        if isinstance(node, dict):
            if following is None and instead is not None and node.get(part) == instead:
                node[part] = value
            node.setdefault(part, made)
            node = node[part]
        elif isinstance(node, list) and (index := _index(part)) is not None and index <= len(node):
            if index == len(node):
                node.append(made)
            node = node[index]
        else:
            return False
    return True


def _index(part: str) -> int | None:
    return int(part) if part.isdecimal() and len(part) <= _DIGITS_MAX else None

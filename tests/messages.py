"""Valid messages of any type, made from the message definitions alone: what the property tests feed on."""

import random
from typing import Any

import orjson
from hypothesis import strategies as st

from tradeflow.codec.scalars import text_of
from tradeflow.codec.shape import LENGTH_MAX, Node, shape
from tradeflow.model.catalogue import MessageType
from tradeflow.model.codelists import CodeList

_LETTERS = "abc XYZ 019 .,-/'\"&<>]]>%\\{}[]:;=éßñ港茶ไทย😀\u2028\u0301\x7f\x85\xa0\ufffd"
_LINES = _LETTERS + "\n\t"
_PATTERNED = {
    "unlocode": ["HKHKG", "NLRTM", "CNYT2"],
    "iata_airport": ["HKG", "AMS"],
    "unit": ["KGM", "MTQ", "C62", "H87"],
    "package_type": ["CT", "4G"],
    "hs_code": ["090210", "620342"],
    "national_tariff": ["09021000", "090210000012"],
    "container_no": ["MSKU1234565", "TGHU0000009"],
    "container_type": ["22G1", "45R1"],
    "awb_no": ["160-12345675", "16012345675"],
    "imo_no": ["9074729", "9839430"],
    "bic": ["HSBCHKHH", "HSBCHKHHHKH"],
    "iban": ["NL91ABNA0417164300", "GB29NWBK60161331926819"],
    "lei": ["529900T8BM49AURSDO55"],
    "un_dg": ["1203", "3480"],
    "carrier_code": ["MSK", "160", "CX"],
    "ucr": ["TF-2025-HKRTM-0001", "5HK1234567/AB.9"],
    "document_type": ["commercial_invoice", "380", "a"],
}


def messages(mt: MessageType, optional: float = 0.4) -> st.SearchStrategy[dict[str, Any]]:
    """Valid trees in JSON form; each optional member is present with the given probability."""
    return st.randoms(use_true_random=True).map(lambda source: message(mt, source, optional))


def message(mt: MessageType, source: random.Random, optional: float = 0.4) -> dict[str, Any]:
    """One valid tree in JSON form."""
    tree = _object(shape(mt).members, source, optional)
    if source.random() < optional:
        names = ("acme:ref", "x-1", "A_b.c")
        tree["ext"] = {name: _text(source, 40, _LINES) for name in source.sample(names, source.randint(1, 3))}
    return tree


def scalars_as_json(node: Any) -> Any:
    """The tree of a document with every value as canonical JSON carries it."""
    if isinstance(node, dict):
        return {name: scalars_as_json(value) for name, value in node.items()}
    if isinstance(node, list):
        return [scalars_as_json(value) for value in node]
    return node if isinstance(node, str | int) else text_of(node)


def body(tree: Any) -> bytes:
    """The tree as a sender would serialise it."""
    return orjson.dumps(tree)


def _object(members: tuple[Node, ...], source: random.Random, optional: float) -> dict[str, Any]:
    present = [node for node in members if node.required or source.random() < optional]
    source.shuffle(present)  # the order of JSON members must not matter
    return {node.name: _member(node, source, optional) for node in present}


def _member(node: Node, source: random.Random, optional: float) -> Any:
    if node.repeats:
        return [_one(node, source, optional) for _ in range(source.choice((1, 1, 2, 3)))]
    return _one(node, source, optional)


def _one(node: Node, source: random.Random, optional: float) -> Any:
    if not node.scalar:
        return _object(node.members, source, optional * 0.7)
    if node.only:
        return node.only
    if node.codelist:
        return source.choice(("", "", " ")) + _code(node.codelist, source)
    return _SCALARS[node.scalar](source)


def _code(codelist: CodeList, source: random.Random) -> str:
    return source.choice(list(codelist.codes) or _PATTERNED[codelist.name])


def _text(source: random.Random, limit: int, letters: str = _LETTERS) -> str:
    length = limit if source.random() < 0.02 else source.randint(1, min(limit, 30))
    padding = source.choice(("", "", " "))
    return padding + "".join(source.choices(letters, k=length)).strip().ljust(1, "x") + padding


def _decimal(source: random.Random) -> Any:
    whole = source.choice((0, 1, 7, source.randrange(10**6), source.randrange(10**18)))
    digits = source.choice((0, 0, 2, 3, 10))
    fraction = "." + str(source.randrange(10**digits)).zfill(digits) if digits else ""
    text = source.choice(("", "", "-")) + str(whole) + fraction
    return source.choice((text, text, 5, -3, 0, 1200.5, 1e3))


def _datetime(source: random.Random) -> str:
    fraction = source.choice(("", "", ".5", ".000", ".120000", ".999999"))
    offset = source.choice(("Z", "+00:00", "-00:00", "+08:00", "-03:30", "+14:00"))
    return f"{_date(source)}T{source.randrange(24):02}:{source.randrange(60):02}:{source.randrange(60):02}{fraction}{offset}"


def _date(source: random.Random) -> str:
    return f"{source.choice((1, 1990, 2025, 2025, 9999)):04}-{source.randint(1, 12):02}-{source.randint(1, 28):02}"


_SCALARS = {
    "id": lambda source: _text(source, LENGTH_MAX["id"]),
    "code": lambda source: _text(source, LENGTH_MAX["code"]),
    "string": lambda source: _text(source, LENGTH_MAX["string"]),
    "text": lambda source: _text(source, LENGTH_MAX["text"], _LINES),
    "decimal": _decimal,
    "percent": _decimal,
    "integer": lambda source: source.choice((0, 1, 42, -1, 10**15 - 1)),
    "boolean": lambda source: source.random() < 0.5,
    "date": _date,
    "datetime": _datetime,
}

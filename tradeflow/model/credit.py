"""The credit in force: the credit as issued with every accepted amendment applied, by what the fields of MT707 do."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tradeflow.model.catalogue import Field, catalogue
from tradeflow.model.document import Document, Tree

CREDIT, AMENDMENT = "letter_of_credit", "lc_amendment"
DATES = {"new_expiry": "expiry_date", "new_latest_shipment": "latest_shipment"}
TEXTS = {"goods_change": "goods_description", "conditions_change": "additional_conditions"}
EXCLUDE = {"latest_shipment": "shipment_period", "shipment_period": "latest_shipment"}  # 44C or 44D: the new one replaces the other
_CODED = re.compile(r"/(ADD|DELETE|REPALL)/\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CreditInForce:
    """The credit as amended. `amendments` are the numbers applied, `in_words` what only words say and nobody can apply for them."""

    document: Document
    amendments: list[int] = field(default_factory=list)
    in_words: list[str] = field(default_factory=list)


def credit_in_force(credit: Document, amendments: Sequence[Document]) -> CreditInForce:
    """The credit with these amendments, which were accepted, in the order of their numbers."""
    by_number: dict[int, Document] = {}
    for amendment in amendments:
        if _changes(amendment, credit):
            by_number.setdefault(_number(amendment), amendment)  # a bank that passes it on lodges it again under its own number
    ordered = [by_number[number] for number in sorted(by_number)]
    if not ordered:
        return CreditInForce(credit)
    data: Tree = dict(credit.data)
    in_words: list[str] = []
    for amendment in ordered:
        _amount(data, amendment)
        for path, target in DATES.items():
            if (value := amendment.get(path)) is not None:
                _set(data, target, value)
        for path, target in TEXTS.items():
            in_words += _text(data, target, amendment.get(path), _number(amendment))
        if amendment.get("goods_change"):
            data.pop("goods", None)  # the hub's lines are a copy of 45A as it was; what 45A says now is its text
        if documents := amendment.get("documents_change"):
            in_words.append(f"amendment {_number(amendment)}, 46B: {documents}")
        for change in amendment.get("changes") or ():
            in_words += _other(data, str(change.get("field") or ""), str(change.get("new_value") or ""), _number(amendment))
    # A view has no bytes of its own. Its hash tells it from the credit as issued; the payload hash stays that of what was signed.
    made_of = hashlib.sha256(" ".join([credit.sha256, *(a.sha256 for a in ordered)]).encode()).hexdigest()
    amended = Document(credit.type, data, credit.canonical, made_of, credit.payload_sha256)
    return CreditInForce(amended, [_number(a) for a in ordered], in_words)


def _changes(amendment: Document, credit: Document) -> bool:
    return amendment.get("lc_number") in (None, credit.number, credit.get("number")) and not amendment.get("cancellation_request")


def _number(amendment: Document) -> int:
    return int(amendment.get("amendment_no") or 0)


def _amount(data: Tree, amendment: Document) -> None:
    added = Decimal(amendment.get("increase.value") or 0) - Decimal(amendment.get("decrease.value") or 0)
    if added:
        data["amount"] = {**data["amount"], "value": Decimal(data["amount"]["value"]) + added}


def _set(data: Tree, member: str, value: Any) -> None:
    data[member] = value
    data.pop(EXCLUDE.get(member, ""), None)


def _text(data: Tree, member: str, said: str | None, number: int) -> list[str]:
    """Apply /ADD/, /DELETE/ and /REPALL/ of 45B and 47B; what has no such code is left in words."""
    if not said:
        return []
    before, *coded = _CODED.split(said)
    left = [before.strip()] if before.strip() else []
    for code, raw in zip(coded[::2], coded[1::2], strict=True):
        if not _apply(data, member, code.upper(), raw.strip()):
            left.append(f"/{code.upper()}/ {raw.strip()}")
    return [f"amendment {number}, {member}: {text}" for text in left]


def _apply(data: Tree, member: str, code: str, text: str) -> bool:
    now = data.get(member)
    parts: list[str] = list(now) if isinstance(now, list) else str(now).split("\n") if now else []
    if code == "REPALL":
        parts = [text]
    elif code == "ADD":
        parts.append(text)
    elif text in parts:
        parts.remove(text)
    else:
        return False
    data[member] = parts if member == "additional_conditions" else "\n".join(parts)
    return True


def _other(data: Tree, tag: str, value: str, number: int) -> list[str]:
    """Set the field that a SWIFT tag ("43P", "44E", "48") names to the new value."""
    rows = [row for row in catalogue().message(CREDIT).fields if tag and row.name.split(" ")[0] == tag]
    values = value.split("/") if tag == "39A" else [value]
    rows = rows[: len(values)]  # a tag of several rows (48, 31D): the first is what the field is about
    if not rows or len(rows) != len(values) or not all(_fits(row, one) for row, one in zip(rows, values, strict=True)):
        return [f"amendment {number}, {tag}: {value}"]
    for row, one in zip(rows, values, strict=True):
        parsed = int(_leading(one)) if row.type == "integer" else date.fromisoformat(one) if row.type == "date" else one
        _set(data, row.path, {**(data.get(row.path) or {}), "name": one} if row.type in ("party", "bank") else parsed)
    return []


def _leading(value: str) -> str:
    """The digits a value begins with: "15" of "15 DAYS"."""
    return value[: len(value) - len(value.lstrip("0123456789"))]


def _fits(row: Field, value: str) -> bool:
    if row.type == "integer":
        return bool(_leading(value))
    if row.type == "date":
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None
    return row.type in ("string", "text", "code", "id", "party", "bank")

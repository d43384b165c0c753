"""SWIFT MT: documentary credits and collections as FIN text and back, by the rows of documents/<message>/formats/swift_mt.toml."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from tradeflow.adapters.swift_mt import aside, parts, rows
from tradeflow.adapters.swift_mt.fields import read_field, written_field
from tradeflow.adapters.swift_mt.rows import FACTS, Compiler, Plan
from tradeflow.adapters.swift_mt.text import WIDTHS, Field, Fin, bic_of, fault, misfit, parsed, refused, terminal, written

from tradeflow.errors import BadInput, ContentError
from tradeflow.model.document import Document, get
from tradeflow.model.format import ASIDE, DROPPED, Loss, Reading, Sheet, Written
from tradeflow.model.pointers import leaves, path_of, put

_BLOCK_S = "It stands in block S, which stays between the hub and the bank's interface"
_NAMESPACE = uuid.UUID("0d2f3f5c-6c40-5f62-8e0c-5f9f5f0c7a55")  # of message identifiers made from the references of an MT


class SwiftMt:
    """The codec. It is made once with the rows of all messages; plans are compiled when first needed."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self._sheets = sheets
        self._plans: dict[str, tuple[Plan, ...]] = {}

    def detect(self, body: bytes) -> bool:
        """FIN text begins with its basic header."""
        return body[:32].lstrip(b" \r\n\x01").startswith(b"{1:F")

    def read(self, body: bytes) -> Reading:
        """The message in FIN text, with those that it goes on in."""
        first, *others = parts.joined(parsed(body))
        if others:
            what = f"The file holds {len(others) + 1} messages; the second begins here"
            raise refused(fault(what, others[0].line, "Lodge them one by one, or with POST /v1/bulk: each gets an answer of its own."))
        return self._reading(first)

    def documents(self, body: bytes) -> Iterator[Reading]:
        """Every message of a file; one that cannot be read is given with its faults. BadInput where it is no file of them."""
        for fin in parts.joined(parsed(body)):
            try:
                yield self._reading(fin)
            except BadInput as refusal:
                yield Reading("", {}, faults=tuple(refusal.findings))

    def _reading(self, fin: Fin) -> Reading:
        plan = self._chosen(fin)
        tree: dict[str, Any] = _beginning(fin, plan)
        losses, faults = [], list(fin.faults)
        for field in fin.fields:
            account, own = parts.account(field)
            if account:
                losses.append(Loss(f"field {field.tag} (line {field.line})", DROPPED, f":{field.tag}: the account {account} is not taken"))
            text, put_aside = aside.split(own) if field.tag == plan.aside else (own, [])
            read = next((row for row in plan.rows if row.tag == field.tag and text and read_field(row, text, tree)), None)
            if read and any(slot.path == rows.SINK for slot in read.slots()):
                losses.append(Loss(f"field {field.tag} (line {field.line})", DROPPED, f":{field.tag}:{text[:40]} is taken in part"))
            elif text and not read:
                losses.append(
                    Loss(f"field {field.tag} (line {field.line})", DROPPED, f":{field.tag}:{text.splitlines()[0][:40]} is not taken")
                )
            for pointer, value in put_aside:
                if not self._put(plan, tree, pointer, value):
                    faults.append(fault(f"Set aside in the narrative, but leading nowhere: {pointer[:60]}", field.line))
        for pointer, value in aside.pairs(fin.rest):
            if not self._put(plan, tree, pointer, value):
                faults.append(fault(f"Set aside in block S, but leading nowhere: {pointer[:60]}"))
        if faults:
            raise refused(*faults[:500])
        for path, value in plan.absent.items():
            tree.setdefault(path, value)
        return Reading(plan.message.id, tree, tuple(losses))

    def write(self, document: Document) -> Written:
        """A document as FIN text."""
        plan = self._plan_for(document)
        fields, said = self._fields(plan, document)
        said |= {"/message/type", "/message/schema_version"}
        if plan.field and len(plan.values) == 1:
            said.add(f"/{plan.field}")
        said |= {f"/{path}" for path, value in plan.absent.items() if get(document.data, path) == value}
        ends = [str(get(document.data, path) or "") if path else "" for path in (plan.sender, plan.receiver)]
        said |= {f"/{path}" for path, bic in zip((plan.sender, plan.receiver), ends, strict=True) if bic and bic_of(terminal(bic)) == bic}
        rest = [(pointer, aside.plain(value)) for pointer, value in leaves(document.data) if pointer not in said]
        rest.sort(key=lambda field: not _required(plan, field[0]))
        fields, left = _with_aside(plan, fields, rest)
        losses = [Loss(pointer, ASIDE, _BLOCK_S if pointer in left else "It stands in the narrative") for pointer, _ in rest]
        order = {tag: n for n, tag in enumerate(rows.tags_of(plan.number))}
        fields.sort(key=lambda field: order[field.tag])
        if missing := [tag for tag in rows.needed(plan.number) if not any(field.tag in tag for field in fields)]:
            names = ", ".join("/".join(tags) for tags in missing)
            what = f"MT {plan.number} needs field {names}, for which {document.number} has no value that fits"
            raise BadInput("NOT_ACCEPTABLE", what, 406, findings=[fault(what)])
        whole = sorted((field for field in rest if field[0] in left), key=lambda field: aside.order(field[0]))
        fin = Fin(plan.number, terminal(ends[0]), terminal(ends[1]), tuple(fields), aside.rest(whole))
        return Written(written(fin), tuple(losses))

    def check(self, sheet: Sheet) -> list[ContentError]:
        """The first defect of the rows of a message."""
        return list(rows.check(sheet))

    def _fields(self, plan: Plan, document: Document) -> tuple[list[Field], set[str]]:
        """The fields that the rows say, one option of each, and the pointers of what they say whole."""
        fields: list[Field] = []
        said: set[str] = set()
        for row in plan.rows:
            if any(
                field.tag[:2] == row.tag[:2] and (field.tag == row.tag or rows.same_place(plan.number, field.tag, row.tag))
                for field in fields
            ):
                continue
            text, pointers = written_field(row, document.data)
            if text and "{" not in text and not misfit(text, row.form):
                fields.append(Field(row.tag, text, 0))
                said |= pointers
        return fields, said

    def _put(self, plan: Plan, tree: Any, pointer: str, value: str) -> bool:
        path = path_of(pointer)
        row = plan.message.field_at(path) or plan.message.field_at(f"{path.removesuffix('[]')}[]")
        if row is None or not row.scalar:
            return False
        return bool(put(tree, pointer, aside.typed(row.scalar, value)))

    def _chosen(self, fin: Fin) -> Plan:
        plans = [plan for id in self._sheets for plan in self._of(id) if plan.number == fin.number]
        if not plans:
            bound = sorted({plan.number for id in self._sheets for plan in self._of(id)})
            what, hint = f"No document is bound to MT {fin.number}", f"Bound are MT {', '.join(bound)}."
            raise BadInput("UNKNOWN_MESSAGE", f"{what}. {hint}", 400, findings=[fault(what, 1, hint)])
        return plans[0]

    def _plan_for(self, document: Document) -> Plan:
        for plan in self._of(document.type):
            if not plan.field or str(get(document.data, plan.field)) in plan.values:
                return plan
        field = self._of(document.type)[0].field
        what = f"No MT says that {field} is {get(document.data, field)}"
        raise BadInput("NOT_ACCEPTABLE", f"A {document.type} has no form in SWIFT MT: {what}.", 406)

    def _of(self, id: str) -> tuple[Plan, ...]:
        if id not in self._plans:
            self._plans[id] = Compiler(self._sheets[id]).plans()
        return self._plans[id]


def _beginning(fin: Fin, plan: Plan) -> dict[str, Any]:
    """What the headers and the number of the message say."""
    reference = next((field.text for field in fin.fields if field.tag == "20"), "")
    kind = plan.message
    tree: dict[str, Any] = {
        "message": {
            "id": str(uuid.uuid5(_NAMESPACE, f"{fin.number}/{fin.sender}/{fin.receiver}/{reference}")),
            "type": kind.id,
            "schema_version": kind.schema_version,
        }
    }
    for path, address in ((plan.sender, fin.sender), (plan.receiver, fin.receiver)):
        if path and bic_of(address):
            tree[path] = bic_of(address)
    if plan.field and len(plan.values) == 1:
        tree[plan.field] = plan.values[0]
    return tree


def _required(plan: Plan, pointer: str) -> bool:
    """Whether a document cannot do without the member that a pointer leads into: such members find room first."""
    parts = pointer.split("/")[1:]
    depth = 2 if parts[0] in ("message", "document") else 1
    head = ".".join(parts[:depth])
    return any(
        row.required and (row.path.removesuffix("[]") == head or row.path.startswith(f"{head}."))
        for row in (*plan.message.catalogue.envelope, *plan.message.fields)
    )


def _with_aside(plan: Plan, fields: list[Field], rest: list[tuple[str, str]]) -> tuple[list[Field], set[str]]:
    """The fields with what no row says in the narrative one, and the pointers of what found no room there."""
    limits = WIDTHS(FACTS["fields"].get(plan.aside, ""))
    if not limits:
        return fields, {pointer for pointer, _ in rest}
    own = next((field.text for field in fields if field.tag == plan.aside), "")
    used = len(own.split("\n")) if own else 0
    lines, left = aside.lines(rest, int(limits[1]) - used, int(limits[2]), limits[3])
    if not lines:
        return fields, left
    others = [field for field in fields if field.tag != plan.aside]
    return [*others, Field(plan.aside, "\n".join([*([own] if own else []), *lines]), 0)], left

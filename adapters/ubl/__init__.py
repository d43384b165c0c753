"""OASIS UBL 2.4: documents to UBL and back, by the rows of documents/<message>/formats/ubl.toml."""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping

from tradeflow.adapters.ubl.aside import extension, put, stated
from tradeflow.adapters.ubl.reading import left_over, tree_of
from tradeflow.adapters.ubl.rows import Compiler, Plan
from tradeflow.adapters.ubl.tree import UBL, Element, Parser, malformed, serialised
from tradeflow.adapters.ubl.writing import elements_of

from tradeflow.errors import BadInput, ContentError
from tradeflow.model.document import Document, Tree
from tradeflow.model.format import ASIDE, DROPPED, Loss, Reading, Sheet, Written
from tradeflow.model.pointers import leaves

_NAMESPACE = uuid.UUID("0b3a5d52-9a0e-5d25-8a41-6f1d6a1c2b77")  # of message identifiers made from a document that has none
_ROOT = re.compile(rb"xmlns(:\w+)?=[\"']urn:oasis:names:specification:ubl:schema:xsd:")


class Ubl:
    """The codec. It is made once with the rows of all messages; plans are compiled when first needed."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self._sheets = sheets
        self._plans: dict[str, Plan] = {}

    def detect(self, body: bytes) -> bool:
        """The first kilobytes name a namespace of UBL."""
        return bool(_ROOT.search(body[:4096]))

    def read(self, body: bytes) -> Reading:
        """The one document in a file."""
        root = Parser().parsed(body)
        if root.namespace != f"{UBL}{root.name}-2":
            raise malformed(f"{root.name[:60]} in the namespace {root.namespace[:100]!r} is no UBL document")
        aside = list(stated(root))
        plan = self._chosen(root, {pointer: value for pointer, value, _ in aside})
        tree = tree_of(plan, root)
        unfit = tuple(
            Loss(field[0][:200], DROPPED, "the extension names a place that is not there") for field in aside if not put(tree, *field)
        )
        self._complete(tree, plan, body)
        return Reading(plan.sheet.message.id, tree, (*left_over(root), *unfit))

    def write(self, document: Document) -> Written:
        """A document as UBL. What does not come back by the rows goes aside, into an extension."""
        plan, whole = self._plan(document.type), json.loads(document.canonical)
        root = elements_of(plan, whole)
        back = dict(leaves(tree_of(plan, Parser().parsed(serialised(root)))))
        aside = {pointer: value for pointer, value in leaves(whole) if pointer not in back or back[pointer] != value}
        losses = tuple(Loss(pointer, ASIDE, "UBL has no place for it; it stands in an extension") for pointer in aside)
        return Written(serialised(root, extension(aside, back)), losses)

    def check(self, sheet: Sheet) -> list[ContentError]:
        """The first defect of the rows of a message."""
        try:
            Compiler(sheet).plan()
        except ContentError as defect:
            return [defect]
        return []

    def _chosen(self, root: Element, aside: Mapping[str, object]) -> Plan:
        """The plan for a document: the type our extension names, else rows whose constants it has, else the usual ones."""
        plans = [plan for plan in map(self._plan, self._sheets) if plan.root == root.name]
        if not plans:
            roots = sorted({str(sheet.table.data.get("root")) for sheet in self._sheets.values()})
            raise BadInput(
                "UNKNOWN_MESSAGE", f"No document is bound to the UBL document {root.name[:60]}. Bound are {', '.join(roots)}.", 400
            )
        named = [plan for plan in plans if plan.sheet.message.id == aside.get("/message/type")]
        marked = [plan for plan in plans if plan.marks and self._marked(root, plan)]
        usual = [plan for plan in plans if plan.sheet.table.data.get("usual")]
        return (named or marked or usual or plans)[0]

    def _marked(self, root: Element, plan: Plan) -> bool:
        return all(any(one.text.strip() == mark.constant for one in root.all(mark.steps[0].name)) for mark in plan.marks)

    def _complete(self, tree: Tree, plan: Plan, body: bytes) -> None:
        """The envelope, as far as it follows from the document: a partner who knows no hub does not write one."""
        message = tree.setdefault("message", {})
        kind = plan.sheet.message
        message.setdefault("type", kind.id)
        message.setdefault("schema_version", kind.schema_version)
        message.setdefault("function", "9")
        message.setdefault("id", str(uuid.uuid5(_NAMESPACE, hashlib.sha256(body).hexdigest())))

    def _plan(self, id: str) -> Plan:
        if id not in self._plans:
            self._plans[id] = Compiler(self._sheets[id]).plan()
        return self._plans[id]


__all__ = ["Ubl"]

"""The codec of a format of elements: what all of them have in common. A format adds its library and turns bytes into elements and back."""

import hashlib
import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from tradeflow.elements import paths
from tradeflow.elements.aside import Stated, beside, pruned, put
from tradeflow.elements.element import Element
from tradeflow.elements.fitting import fitted
from tradeflow.elements.library import Library
from tradeflow.elements.paths import got
from tradeflow.elements.reading import left_over, settled, tree_of
from tradeflow.elements.rows import Compiler, Plan
from tradeflow.elements.writing import elements_of
from tradeflow.errors import BadInput, ContentError
from tradeflow.language.sentences import say
from tradeflow.model.document import Document, Tree
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.format import ASIDE, DROPPED, Loss, Reading, Sheet, Written

_NAMESPACE = uuid.UUID("0b3a5d52-9a0e-5d25-8a41-6f1d6a1c2b77")  # of message identifiers made from a document that has none


class RowCodec(ABC):
    """Made once with the rows of all messages; plans are compiled when first needed."""

    name: str  # what people call the format
    library: Library
    ours = ""  # the namespace of elements that hold what stands aside

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self._sheets = sheets
        self._plans: dict[str, list[Plan]] = {}

    @abstractmethod
    def parsed(self, body: bytes) -> tuple[Element, Sequence[Stated]]:
        """The root element, named as in the library, and the fields that stand aside. Raises BadInput MALFORMED."""

    @abstractmethod
    def serialised(self, root: Element, aside: Sequence[Stated]) -> bytes:
        """A document as bytes."""

    def read(self, body: bytes) -> Reading:
        """The one document in a file."""
        root, aside = self.parsed(body)
        plan = self._chosen(root, next((one.value for one in aside if one.pointer == "/message/type"), None))
        tree = tree_of(plan, root)
        unfit = tuple(
            Loss(one.pointer[:200], DROPPED, "what stands aside names a place that is not there") for one in aside if not put(tree, one)
        )
        if any(one.value is None for one in aside):
            tree = pruned(tree)
        for path, value in plan.says.items():
            if got(tree, path, tree) is None:
                paths.put(tree, path, value)
        settled(plan, root, tree)
        self._complete(tree, plan, body)
        return Reading(plan.sheet.message.id, tree, (*left_over(root, self.ours), *unfit))

    def write(self, document: Document) -> Written:
        """A document in the format. What does not come back by the rows goes aside."""
        whole = json.loads(document.canonical)
        plan = self._fitting(document.type, whole)
        root = elements_of(plan, whole)
        if self.library.strict and (lack := fitted(root, plan.root, self.library)):
            what = f"A {document.type} has a form in {self.name} only with {lack}"
            raise BadInput("NOT_ACCEPTABLE", f"{what} ({document.number}).", 406, findings=[self._finding(what)])
        back = self.parsed(self.serialised(root, ()))[0]
        aside = beside(whole, tree_of(plan, back))
        return Written(self.serialised(root, aside), tuple(self._losses(aside)))

    def check(self, sheet: Sheet) -> list[ContentError]:
        """The first defect of the rows of a message."""
        try:
            Compiler(sheet, self.library, self.name).plans()
        except ContentError as defect:
            return [defect]
        return []

    def _fitting(self, id: str, whole: Tree) -> Plan:
        """The plan that a document is written by: the first whose condition it meets, else the first."""
        plans = self._of(id)
        return next((plan for plan in plans if plan.when and got(whole, plan.when[0], whole) == plan.when[1]), plans[0])

    def _losses(self, aside: Iterable[Stated]) -> Iterable[Loss]:
        return (Loss(one.pointer, ASIDE, f"{self.name} has no place for it; it stands aside") for one in aside if one.value is not None)

    def _finding(self, what: str) -> Finding:
        hint = "Send the document in another form, or complete it."
        return Finding("M-GEN-01", Severity.ERROR, "", f"{what}.", hint=hint, found=None, expected=None)

    def _chosen(self, root: Element, named: object) -> Plan:
        """The plan for a document: the type that stands aside, else rows whose constants it has, else the usual ones."""
        plans = [plan for id in self._sheets for plan in self._of(id) if plan.root == root.name]
        if not plans:
            roots = ", ".join(sorted({str(sheet.table.data.get("root")) for sheet in self._sheets.values()}))
            what = say(
                "No document is bound to the %(name)s document %(name2)s. Bound are %(roots)s.",
                name=self.name,
                name2=root.name[:60],
                roots=roots,
            )
            raise BadInput("UNKNOWN_MESSAGE", what, 400, findings=[self._finding(what.partition(". ")[0])])
        usual = [plan for plan in plans if plan.sheet.table.data.get("usual")]
        marked = [plan for plan in plans if plan.marks and self._marked(root, plan)]
        named_ = [plan for plan in plans if plan.sheet.message.id == named]
        plan = (named_ or [plan for plan in marked if plan not in usual] or marked or usual or plans)[0]
        if what := self._other(root, plan):
            raise BadInput(
                "UNKNOWN_MESSAGE", say("%(what)s. No document is bound to that.", what=what), 400, findings=[self._finding(what)]
            )
        return plan

    def _other(self, root: Element, plan: Plan) -> str:
        """What the document is instead, where one of its codes stands under `others` of the rows."""
        said: Mapping[str, Mapping[str, str]] = plan.sheet.table.data.get("others", {})
        found = ((name, one.text.strip()) for name in said for one in root.all(name))
        return next((f"{name} {code} says that this {root.name} is {said[name][code]}" for name, code in found if code in said[name]), "")

    def _marked(self, root: Element, plan: Plan) -> bool:
        return all(any(one.text.strip() == mark.constant for one in root.all(mark.steps[0].name)) for mark in plan.marks)

    def _complete(self, tree: Tree, plan: Plan, body: bytes) -> None:
        """The envelope, as far as it follows from the document: a partner who knows no hub does not write one."""
        message, kind = tree.setdefault("message", {}), plan.sheet.message
        message.setdefault("type", kind.id)
        message.setdefault("schema_version", kind.schema_version)
        message.setdefault("function", "9")
        message.setdefault("id", str(uuid.uuid5(_NAMESPACE, hashlib.sha256(body).hexdigest())))

    def _of(self, id: str) -> list[Plan]:
        if id not in self._plans:
            self._plans[id] = Compiler(self._sheets[id], self.library, self.name).plans()
        return self._plans[id]

"""What Excel and CSV have in common: documents gathered from grids, by the definition of each message."""

from collections.abc import Iterator, Mapping

from tradeflow.adapters.excel.columns import Plan, defects, plan_for
from tradeflow.adapters.excel.gathering import Gatherer
from tradeflow.adapters.excel.reading import only, readings

from tradeflow.errors import ContentError
from tradeflow.model.format import Reading, Sheet

HEADER = "# Findings"


class Tables:
    """A codec of tables. It is made once with the definitions of all messages; plans are made when first needed."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self._sheets = sheets
        self._plans: dict[str, Plan] = {}

    def read(self, body: bytes) -> Reading:
        """The one document of a file."""
        made: Reading = only(self.gathered(body))
        return made

    def documents(self, body: bytes) -> Iterator[Reading]:
        """Every document of a file."""
        made: Iterator[Reading] = readings(self.gathered(body))
        return made

    def check(self, sheet: Sheet) -> list[ContentError]:
        """What is wrong with the refinements of a message."""
        made: list[ContentError] = defects(sheet)
        return made

    def gathered(self, body: bytes) -> Gatherer:
        """The documents in the tables of a file, and what is wrong with its cells. Raises BadInput where it is no such file."""
        raise NotImplementedError

    def plan(self, id: str) -> Plan:
        """The columns of a message."""
        if id not in self._plans:
            self._plans[id] = plan_for(self._sheets[id])
        return self._plans[id]

"""What all channels that carry files agree on: names, what counts as complete, and how answers are called."""

import re
from collections.abc import Iterable

from tradeflow.ports import Outgoing, Taken

IN, OUT, ANSWERS, DONE = "in", "out", "answers", "done"
FILES_MAX = 100  # of one look: a heap of files must not hold up the look at other channels
_PARTS = (".part", ".partial", ".filepart", ".tmp", ".temp", ".writing")


def name_of(outgoing: Outgoing) -> str:
    """The name of a delivery: sorted, a trade's files are in its order; the same delivery has the same name on every try."""
    form = outgoing.suffix.removeprefix(".") or ("xml" if outgoing.content_type.endswith("xml") else "json")
    first = f"{outgoing.trade_id}_{outgoing.sequence:06}" if outgoing.trade_id else "test"
    return f"{first}_{re.sub(r'[^a-z0-9_]', '_', outgoing.type)}_{outgoing.delivery_id}.{form}"


def answer_name(name: str, taken: Taken) -> str:
    """The file beside which the answer stands is in its name, and what became of it: accepted, held or refused."""
    return f"{name}.{taken.outcome}.json"


def answers_of(name: str, taken: Taken) -> list[tuple[str, bytes]]:
    """Names and bytes of the answers to a file: the hub's own, and that of the format where there is one."""
    own = [(answer_name(name, taken), taken.answer)]
    return [*own, (f"{name}.{taken.reply_name}", taken.reply)] if taken.reply else own


class Complete:
    """A file is complete when it has stayed as it was from one look to the next; names that say they are parts never are."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int]] = {}

    def of(self, files: Iterable[tuple[str, int, int]]) -> list[str]:
        """The complete ones among (name, bytes, time of change), the oldest first."""
        found = sorted((changed, name, size) for name, size, changed in files if not _partial(name))
        before, self._seen = self._seen, {name: (size, changed) for changed, name, size in found}
        return [name for changed, name, size in found if before.get(name) == (size, changed)][:FILES_MAX]


def _partial(name: str) -> bool:
    return name.startswith((".", "~")) or name.lower().endswith(_PARTS)

"""How wide Institute clauses cover."""

from tradeflow.language.sentences import say
from tradeflow.rules.paths import Each, Path
from tradeflow.rules.places import Place
from tradeflow.rules.wording import shown
from tradeflow.rules.words import Fault, Faults, word

# What each clause covers at least: all risks (A, Air) include the named perils of B, and B those of C.
_COVERS = {
    "ICC_A": {"ICC_A", "ICC_B", "ICC_C"},
    "ICC_AIR": {"ICC_AIR", "ICC_A", "ICC_B", "ICC_C"},
    "ICC_B": {"ICC_B", "ICC_C"},
}


@word("cover_at_least")
def cover_at_least(place: Place, wanted: Path, clauses: Each) -> Faults:
    """The clauses cover at least what was agreed: ICC (A) is wider than (B), (B) wider than (C)."""
    agreed, given = wanted.of(place), [clause for _, clause in clauses.of(place)]
    if not any(agreed in _COVERS.get(clause, {clause}) for clause in given):
        yield Fault(
            clauses,
            given,
            agreed,
            say("%(given)s do not cover %(agreed)s.", given=shown(given), agreed=agreed),
            wanted,
            clauses.path.pointer(place),
        )

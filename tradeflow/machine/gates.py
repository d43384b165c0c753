"""Dependencies between processes: the first message of a gated region waits until the process before it reached a goal."""

from tradeflow.language.sentences import say
from tradeflow.machine.dispatch import Offer
from tradeflow.machine.turn import Turn, holds


def gate(turn: Turn, offer: Offer) -> str:
    """Why this region may not begin yet, or ""."""
    name = f"{offer.region.process}.{offer.region.id}"
    here = turn.state.regions.get(offer.key)
    if here is not None and (here.last_message or here.state != offer.region.initial):
        return ""
    for edge in turn.machine.edges:
        if edge.gate != name or edge.kind != "hard":
            continue
        before = turn.machine.processes[edge.source]
        main = next(iter(before.regions.values()))
        if turn.state.state_of(f"{edge.source}.{main.id}") in main.goal:
            continue
        if not edge.when or holds(turn.machine.guards[edge.when], turn.case(offer.region, offer.instance)).holds:
            state = turn.state.state_of(f"{edge.source}.{main.id}")
            return say(
                "%(source)s comes before %(target)s: %(because)s; %(source)s.%(id)s is %(state)s (%(meaning)s)",
                source=edge.source,
                target=edge.target,
                because=edge.text,
                id=main.id,
                state=state,
                meaning=main.states[state],
            )
    return ""

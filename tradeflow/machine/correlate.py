"""Which instances a message is for: the one it names, the one that knows its business keys, or the only one there is."""

from collections.abc import Iterable, Iterator, Mapping

from tradeflow.language.sentences import say
from tradeflow.machine.dispatch import Miss, Offer, match
from tradeflow.machine.tables import Process, Region
from tradeflow.machine.turn import Turn, instances
from tradeflow.model.document import Document

ANSWER = "application_response"
REFERENCES_MAX = 100


class Unknown(Exception):
    """The message names an instance of a process that does not exist. str() says which."""


class Ambiguous(Exception):
    """Several instances fit; args[0] lists them."""


def offers(turn: Turn, trigger: str) -> list[Offer]:
    """The regions a message is offered to, in order. Raises Unknown or Ambiguous."""
    envelope = turn.envelope
    assert envelope is not None
    regions = turn.machine.on.get(trigger, ())
    if envelope.process_instance:
        named = envelope.process_instance.partition(".")[0].partition("#")[0]
        found = _named(turn, regions, envelope.process_instance, trigger)
        deciding = [r for r in regions if trigger in r.decides and r.process != named]
        found += [offer for process, own in _by_process(deciding) for offer in _correlated(turn, process, own, trigger)]
    else:
        found = [offer for process, own in _by_process(regions) for offer in _correlated(turn, process, own, trigger)]
    return [o for o in found if _is_answered(turn, o)] if trigger == ANSWER else found


def _named(turn: Turn, regions: Iterable[Region], name: str, trigger: str) -> list[Offer]:
    """The regions of the instance a message names. A region that alone decides on such messages is asked whatever is named."""
    instance, _, only = name.partition(".")
    process = instance.partition("#")[0]
    known = turn.machine.processes.get(process)
    if known is None or (only and only not in known.regions) or instance.endswith("#"):
        raise Unknown(say("there is no process %(name)s", name=name))
    fresh = not any(key.startswith(f"{instance}.") for key in turn.state.regions)
    return [Offer(r, instance, fresh) for r in regions if r.process == process and (only in ("", r.id) or trigger in r.decides)]


def _by_process(regions: Iterable[Region]) -> Iterator[tuple[str, list[Region]]]:
    found: dict[str, list[Region]] = {}
    for region in regions:
        found.setdefault(region.process, []).append(region)
    yield from found.items()


def _correlated(turn: Turn, process: str, regions: list[Region], trigger: str) -> list[Offer]:
    known = instances(turn.state, process)
    if len(known) > 1:
        known = _by_keys(turn, process, known)
    if len(known) > 1:
        known = _by_state(turn, regions, known, trigger) or known
    if len(known) > 1 and _fires_in(turn, regions, known, trigger):
        raise Ambiguous(known)
    return [Offer(region, instance) for instance in known for region in regions]


def _by_keys(turn: Turn, process: str, known: list[str]) -> list[str]:
    assert turn.document is not None
    assert turn.envelope is not None
    wanted = set(keys_of(turn.machine.processes[process], turn.document))
    answered = turn.envelope.in_reply_to or str(turn.document.get("answers_message_id") or "")
    found = [i for i in known if wanted & set(turn.state.keys.get(i, ())) or _knows(turn, i, answered)]
    return found or known


def _knows(turn: Turn, instance: str, message: str) -> bool:
    """Whether this message is one the instance saw."""
    if not message:
        return False
    if any(r.last_message == message for key, r in turn.state.regions.items() if key.startswith(f"{instance}.")):
        return True
    return any(e.message_id == message and e.instance == instance for e in turn.state.documents.values())


def _by_state(turn: Turn, regions: list[Region], known: list[str], trigger: str) -> list[str]:
    """Of several instances those in which something would fire."""
    return [i for i in known if _fires_in(turn, regions, [i], trigger)]


def _fires_in(turn: Turn, regions: list[Region], known: list[str], trigger: str) -> bool:
    assert turn.envelope is not None
    function, role = turn.envelope.function, turn.envelope.role
    return any(
        not isinstance(match(turn, Offer(region, instance), trigger, function, role), Miss) for instance in known for region in regions
    )


def _is_answered(turn: Turn, offer: Offer) -> bool:
    """Whether the answer is to the last message of the region; a region named in so many words that had none takes it too."""
    assert turn.document is not None
    assert turn.envelope is not None
    answered = turn.document.get("answers_message_id") or turn.envelope.in_reply_to
    last = "" if offer.fresh else turn.state.regions[offer.key].last_message
    return last == answered or (not last and bool(turn.envelope.process_instance))


def keys_of(process: Process, document: Document) -> list[str]:
    """The business keys of a document for a process: its number, the fields the process names, the documents it refers to."""
    found = [document.number]
    for path in process.keys:
        value = document.get(path)
        if isinstance(value, str):
            found.append(value)
    for value in document.data.values():
        if isinstance(value, Mapping):
            found.append(str(value.get("number") or ""))
        elif isinstance(value, list):
            found.extend(str(v.get("number") or "") for v in value[:REFERENCES_MAX] if isinstance(v, Mapping) and "type" in v)
    return [key for key in dict.fromkeys(found) if key]


def answers_unknown(turn: Turn, trigger: str) -> str:
    """What the message answers, if that is no document of this trade; else ""."""
    assert turn.document is not None
    for process in turn.machine.processes.values():
        path = process.answers.get(trigger)
        number = str(turn.document.get(f"{path}.number") or "") if path else ""
        if number and not any(key.partition(":")[2] == number for key in turn.state.documents):
            return f"{turn.document.get(f'{path}.type')} {number}"
    return ""

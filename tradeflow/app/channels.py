"""Channels of parties: said, looked at, paused, tried out. What a channel is made of is its kind's business (app/kinds.py)."""

import base64
import secrets as random_secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tradeflow.app.access import OPERATOR, Caller
from tradeflow.app.connectors import Connectors
from tradeflow.app.hours import DAYS, opens_at
from tradeflow.app.kinds import Kind, kinds
from tradeflow.app.payloads import specimen
from tradeflow.app.translation import PARAMETER, spoken
from tradeflow.codec.business.manifest import adapters
from tradeflow.errors import BadInput, Missing
from tradeflow.language.sentences import say
from tradeflow.model.catalogue import catalogue
from tradeflow.model.finding import Finding, Severity
from tradeflow.model.ids import uuid7
from tradeflow.model.setting import Given
from tradeflow.ports import Failed, Outgoing, RetryLater, Sent
from tradeflow.store import channels, parties
from tradeflow.store.dispatches import BREAKER_FAILURES, Line
from tradeflow.store.uow import Store

Json = dict[str, Any]
OVERLAP_SECONDS = 86_400  # a replaced secret signs as well for this long, unless another time is asked for
RESULTS = {Sent: "sent", RetryLater: "retry", Failed: "failed"}


class Channels:
    """What parties do with their channels. The operator may do it for any of them."""

    def __init__(self, store: Store, connectors: Connectors) -> None:
        self._store, self._connectors = store, connectors

    def kinds(self) -> Json:
        """The kinds of channels this hub has, and what each wants to be told."""
        return {"items": [_kind(kind) for kind in kinds().values()]}

    async def of_party(self, caller: Caller, party_id: str) -> Json:
        """A party's channels."""
        store = self._own(caller, party_id)
        return {
            "items": [
                self._view(row, await channels.secrets(self._store, party_id, row["name"]))
                for row in await channels.channels(store, party_id)
            ]
        }

    async def one(self, caller: Caller, party_id: str, name: str) -> Json:
        """One channel: how it is set, how it fares, how much waits for it."""
        row = await self._row(caller, party_id, name)
        return self._view(row, await channels.secrets(self._store, party_id, name))

    async def put(self, caller: Caller, party_id: str, name: str, given: Json) -> tuple[Json, bool]:
        """Make a channel or say anew what it is. Secrets that the hub made are in the answer, this once. True if it is new."""
        self._own(caller, party_id)
        kind = kinds().get(given["kind"])
        known = await channels.channel(self._store, party_id, name)
        same = known is not None and known["kind"] == given["kind"]
        kept = {row.name for row in await channels.secrets(self._store, party_id, name)} if same else set()
        _check(kind, given, kept)
        assert kind
        if await parties.party(self._store, party_id) is None:
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)
        made = {row.name: new_secret() for row in kind.secrets.values() if row.generated and row.name not in {*kept, *given["secrets"]}}
        new = await channels.put(self._store, party_id, name, given, {**given["secrets"], **made})
        return await self.one(caller, party_id, name) | ({"issued": made} if made else {}), new

    async def remove(self, caller: Caller, party_id: str, name: str) -> None:
        """Take a channel away. What waits for it stays in the inbox."""
        await self._row(caller, party_id, name)
        await channels.remove(self._store, party_id, name)

    async def pause(self, caller: Caller, party_id: str, name: str, reason: str) -> Json:
        """Hold everything back until it is resumed."""
        await self._row(caller, party_id, name)
        await channels.set_state(self._store, party_id, name, "paused", reason or f"paused by {caller.party_id}")
        return await self.one(caller, party_id, name)

    async def resume(self, caller: Caller, party_id: str, name: str) -> Json:
        """Go on, from a pause or after it was disabled: what waits goes out in its order, the breaker closes."""
        await self._row(caller, party_id, name)
        await channels.set_state(self._store, party_id, name, "active", "")
        return await self.one(caller, party_id, name)

    async def rotate(self, caller: Caller, party_id: str, name: str, secret: str, value: str, overlap_seconds: float) -> Json:
        """A new value for a secret. The old one stays live for the overlap; of a secret that the hub makes the value is shown this once."""
        row = await self._row(caller, party_id, name)
        known = kinds()[row["kind"]].secrets.get(secret)
        if known is None or not (value or known.generated):
            what = "a value is needed" if known else f"{row['kind']} has no secret {secret}"
            raise invalid([("/value" if known else "/secret", what)])
        new = value or new_secret()
        await channels.rotate(self._store, party_id, name, secret, new, overlap_seconds)
        return await self.one(caller, party_id, name) | ({} if value else {"issued": {secret: new}})

    async def test(self, caller: Caller, party_id: str, name: str) -> Json:
        """Send a test delivery through a channel now, whatever its state, hours and breaker say."""
        row = await self._row(caller, party_id, name)
        line = Line(*(row[field] for field in ("party_id", "name", "kind", "format", "settings", "hours", "revision", "failures", "now")))
        body, content_type = specimen(party_id, row["format"])
        outgoing = Outgoing(
            *(uuid7(), "", 0, None, "test", "test", "9", OPERATOR, "platform", party_id, "", 1, content_type, body, row["now"]),
        )
        result = await self._connectors.send(line, outgoing)
        said = result.said if isinstance(result, Sent) else result.why
        return {"delivery_id": outgoing.delivery_id, "result": RESULTS[type(result)], "said": said}

    def _own(self, caller: Caller, party_id: str) -> Store:
        if not (caller.operator or caller.party_id == party_id):
            raise Missing("UNKNOWN_PARTY", say("there is no party %(party_id)s", party_id=party_id), 404)
        return self._store.acting(caller.acting)

    async def _row(self, caller: Caller, party_id: str, name: str) -> Json:
        row = await channels.channel(self._own(caller, party_id), party_id, name)
        if row is None:
            raise Missing("UNKNOWN_CHANNEL", say("%(party_id)s has no channel %(name)s", party_id=party_id, name=name), 404)
        return row

    def _view(self, row: Json, secrets: list[channels.SecretRow]) -> Json:
        hidden = {"revision", "now"}
        shown = [{"name": s.name, "created_at": s.created_at, "expires_at": s.expires_at} for s in secrets]
        return {name: value for name, value in row.items() if name not in hidden} | {
            "breaker": breaker(row["failures"], row["wait_until"], row["now"]),
            "opens_at": opens_at(row["hours"], row["now"]),
            "secrets": shown,
        }


def breaker(failures: int, wait_until: datetime | None, now: datetime) -> str:
    """closed: all is well; open: nothing is tried before wait_until; half_open: the next try says whether the partner is back."""
    if failures < BREAKER_FAILURES:
        return "closed"
    return "open" if wait_until and wait_until > now else "half_open"


def new_secret() -> str:
    """A secret to sign with, as Standard Webhooks writes it: 32 random bytes."""
    return "whsec_" + base64.b64encode(random_secrets.token_bytes(32)).decode()


def invalid(faults: list[tuple[str, str]]) -> BadInput:
    """All that is wrong with a channel at once."""
    findings = [Finding("INVALID_REQUEST", Severity.ERROR, place, f"{place} {what}") for place, what in faults]
    return BadInput("INVALID_REQUEST", "; ".join(finding.message for finding in findings), 422, findings=findings)


def _check(kind: Kind | None, given: Json, kept: set[str]) -> None:
    if kind is None:
        raise invalid([("/kind", say("is one of %(kinds)s", kinds=", ".join(sorted(kinds()))))])
    settings, form = dict(given["settings"]), given["format"]
    of_adapter = settings.pop(PARAMETER, {})
    faults = kind.faults(settings, {*kept, *given["secrets"]})
    if adapter := adapters().get(form):
        faults += adapter.faults(of_adapter)
    elif of_adapter:
        faults.append(("/settings/adapter", f"is for business adapters; {form} is none"))
    if form not in spoken():
        faults.append(("/format", f"is one of {', '.join(spoken())}"))
    for pattern in given["message_types"]:
        beginning = pattern.removesuffix("*")
        if not any(id.startswith(beginning) if beginning != pattern else id == pattern for id in catalogue().ids()):
            faults.append(("/message_types", f"{pattern} is no message type, and none begins with it"))
    if hours := given["hours"]:
        faults += _hours(hours)
    if faults:
        raise invalid(faults)


def _hours(hours: Json) -> list[tuple[str, str]]:
    faults = []
    try:
        ZoneInfo(hours["zone"])
    except (KeyError, ValueError, OSError):
        faults.append(("/hours/zone", "is no time zone, for example Asia/Hong_Kong"))
    if unknown := [day for day in hours["days"] if day not in DAYS]:
        faults.append(("/hours/days", f"{', '.join(unknown)}: days are {', '.join(DAYS)}"))
    if hours["from"] == hours["to"]:
        faults.append(("/hours/to", "is when the hours begin"))
    return faults


def _kind(kind: Kind) -> Json:
    parts = {"settings": _parts(kind.settings), "secrets": _parts(kind.secrets)}
    return {"kind": kind.id, "name": kind.name, "summary": kind.summary, **parts}


def _parts(rows: Mapping[str, Given]) -> list[Json]:
    members = ("name", "text", "type", "required", "generated")
    return [{member: getattr(row, member) for member in members} for row in rows.values()]

"""The clock of a sandbox, and trades that begin in the middle."""

from datetime import UTC, datetime, timedelta

from litestar import Response, get, post, put
from litestar.di import NamedDependency

from tradeflow.api import views
from tradeflow.api.answers import json, stored
from tradeflow.api.operations import operation
from tradeflow.api.problems import invalid
from tradeflow.api.shapes import NewTime, SeededTrade
from tradeflow.app.access import Caller
from tradeflow.app.trades import SeedSpec
from tradeflow.app.wiring import Hub
from tradeflow.language.sentences import say
from tradeflow.model.trade import Participant

YEARS = (1990, 2200)
SEED_BYTES_MAX = 8_388_608
DURATION_MAX = timedelta(days=1_000_000)


@get("/v1/sandbox/clock", **operation("getClock", "Sandbox", "The hub's time", views.Clock, refuses=(503,)))
async def clock(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """The time by which deadlines count, and whether it can be set."""
    return json({"now": await hub.store.now(), "sandbox": hub.sandbox})


@put(
    "/v1/sandbox/clock",
    **operation("setClock", "Sandbox", "Set the clock of a sandbox", views.Clock, body=NewTime, refuses=(400, 403, 503), scope="admin"),
)
async def set_clock(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[NewTime]) -> Response[bytes]:
    """Set the clock, or move it on: timers that come due are fired by the hub soon after. Only the operator may, only in a sandbox."""
    if (given.now is None) == (given.advance is None):
        raise invalid("Give exactly one of now and advance.", "")
    advance = _duration(given.advance)
    year = (given.now or _later(await hub.store.now(), advance)).year
    if not YEARS[0] <= year <= YEARS[1]:
        raise invalid(
            say("The clock stays in the years %(YEARS)s to %(YEARS2)s.", YEARS=YEARS[0], YEARS2=YEARS[1]),
            "/now" if given.now else "/advance",
        )
    return json({"now": await hub.set_clock(caller, given.now, advance), "sandbox": hub.sandbox})


@post(
    "/v1/sandbox/trades",
    **operation(
        "seedTrade",
        "Sandbox",
        "Open a trade in the middle",
        views.Receipt,
        status=201,
        body=SeededTrade,
        refuses=(400, 403, 404, 409, 503),
        body_bytes_max=SEED_BYTES_MAX,
        scope="admin",
    ),
)
async def seed_trade(hub: NamedDependency[Hub], caller: NamedDependency[Caller], given: NamedDependency[SeededTrade]) -> Response[bytes]:
    """Open a trade in given states, with the documents on file that led there: what they did to titles, clocks and containers is done.

    The documents satisfy their schemas; the rules of their contents are not asked, and nobody receives them. Only the operator may, only
    in a sandbox. `STATE_UNREACHABLE` names a state that no history leads to, or a document that it needs.
    """
    participants = [Participant(p.party_id, p.role) for p in given.participants]
    spec = SeedSpec(participants, given.trade_id or "", given.terms, given.given, given.history)
    return stored(await hub.seed(caller, spec))


def _duration(advance: timedelta | int | None) -> timedelta:
    if isinstance(advance, int):
        return timedelta(seconds=advance) if abs(advance) < DURATION_MAX.total_seconds() else DURATION_MAX
    return advance or timedelta(0)


def _later(now: datetime, advance: timedelta) -> datetime:
    try:
        return now + advance
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


handlers = [clock, set_clock, seed_trade]

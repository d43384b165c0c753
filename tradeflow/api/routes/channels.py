"""How a party wants its deliveries: channels beside the inbox."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import PathParameter

from tradeflow.api.answers import json
from tradeflow.api.operations import operation
from tradeflow.api.parameters import PartyIdPath
from tradeflow.api.shapes_channels import NewChannel, NewSecret, Pause
from tradeflow.api.views import channels as shown
from tradeflow.app.access import Caller
from tradeflow.app.channels import invalid
from tradeflow.app.wiring import Hub
from tradeflow.model.ids import PARTY_ID

ChannelName = Annotated[
    str, PathParameter(name="channel", description="The name its party gave the channel: small letters, digits and hyphens.")
]
TAG = "Channels"


@get("/v1/channel-kinds", **operation("listChannelKinds", TAG, "Kinds of channels", shown.ChannelKinds))
async def kinds(hub: NamedDependency[Hub], caller: NamedDependency[Caller]) -> Response[bytes]:
    """Every kind of channel this hub has, with the settings and secrets that it wants."""
    return json(hub.channels.kinds())


@get("/v1/parties/{party_id:str}/channels", **operation("listChannels", TAG, "A party's channels", shown.ChannelList, refuses=(404, 503)))
async def list_channels(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath) -> Response[bytes]:
    """The channels of one's own party: how each is set, its breaker, and how much waits for it."""
    return json(await hub.channels.of_party(caller, party_id))


@get(
    "/v1/parties/{party_id:str}/channels/{channel:str}",
    **operation("getChannel", TAG, "One channel", shown.ChannelView, refuses=(404, 503)),
)
async def one(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath, channel: ChannelName) -> Response[bytes]:
    """One channel of one's own party."""
    return json(await hub.channels.one(caller, party_id, channel))


@put(
    "/v1/parties/{party_id:str}/channels/{channel:str}",
    **operation("putChannel", TAG, "Make or change a channel", shown.ChannelView, body=NewChannel, refuses=(404, 503), scope="admin"),
)
async def put_channel(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    party_id: PartyIdPath,
    channel: ChannelName,
    given: NamedDependency[NewChannel],
) -> Response[bytes]:
    """Say how deliveries to one's own party leave the hub, besides the inbox, which always holds them.

    Deliveries that arrive from now on go through the channel whose pattern fits best. What is left out takes its default; secrets that are
    not given stay as they are. A secret that the hub made is in `issued`, this once. A paused or disabled channel is active again.
    """
    if not PARTY_ID.fullmatch(channel):
        raise invalid([("/channel", "has 2 to 63 small letters, digits and hyphens, for example erp-orders")])
    view, _ = await hub.channels.put(caller, party_id, channel, msgspec.structs.asdict(given) | {"hours": msgspec.to_builtins(given.hours)})
    return json(view)


@delete(
    "/v1/parties/{party_id:str}/channels/{channel:str}",
    **operation("removeChannel", TAG, "Remove a channel", status=204, refuses=(404, 503), scope="admin"),
)
async def remove(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath, channel: ChannelName) -> None:
    """Take a channel of one's own party away. What waited for it is in the inbox."""
    await hub.channels.remove(caller, party_id, channel)


@post(
    "/v1/parties/{party_id:str}/channels/{channel:str}/test",
    **operation("testChannel", TAG, "Send a test delivery", shown.ChannelTest, refuses=(404, 503), scope="admin"),
)
async def test(hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath, channel: ChannelName) -> Response[bytes]:
    """Send a delivery that belongs to no trade through the channel, now, and say what came of it."""
    return json(await hub.channels.test(caller, party_id, channel))


@post(
    "/v1/parties/{party_id:str}/channels/{channel:str}/pause",
    **operation("pauseChannel", TAG, "Pause a channel", shown.ChannelView, body=Pause, refuses=(404, 503), scope="admin"),
)
async def pause(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath, channel: ChannelName, given: NamedDependency[Pause]
) -> Response[bytes]:
    """Hold everything for this channel back, in its order, until it is resumed. The inbox goes on."""
    return json(await hub.channels.pause(caller, party_id, channel, given.reason))


@post(
    "/v1/parties/{party_id:str}/channels/{channel:str}/resume",
    **operation("resumeChannel", TAG, "Resume a channel", shown.ChannelView, refuses=(404, 503), scope="admin"),
)
async def resume(
    hub: NamedDependency[Hub], caller: NamedDependency[Caller], party_id: PartyIdPath, channel: ChannelName
) -> Response[bytes]:
    """Go on after a pause, or after the hub disabled the channel: what waits goes out at once, in its order."""
    return json(await hub.channels.resume(caller, party_id, channel))


@post(
    "/v1/parties/{party_id:str}/channels/{channel:str}/secrets",
    **operation("rotateSecret", TAG, "Renew a secret", shown.ChannelView, body=NewSecret, refuses=(404, 503), scope="admin"),
)
async def rotate(
    hub: NamedDependency[Hub],
    caller: NamedDependency[Caller],
    party_id: PartyIdPath,
    channel: ChannelName,
    given: NamedDependency[NewSecret],
) -> Response[bytes]:
    """Give a secret a new value. The old one lives on for the overlap: a webhook is signed with both until the receiver has the new one."""
    return json(await hub.channels.rotate(caller, party_id, channel, given.secret, given.value, given.overlap_seconds))


handlers = [kinds, list_channels, one, put_channel, remove, test, pause, resume, rotate]

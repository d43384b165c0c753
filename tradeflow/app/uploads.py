"""A file that somebody has: what it says, as a document of a trade that can be looked at, finished and sent."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import msgspec

from tradeflow.app.access import Caller
from tradeflow.app.authenticity import PDF, embedded
from tradeflow.app.convert import content_type_of
from tradeflow.app.guidance import Guidance
from tradeflow.codec import canonical, intake
from tradeflow.codec.json import Oversized
from tradeflow.errors import BadInput
from tradeflow.model.catalogue import MessageType
from tradeflow.model.format import Loss

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was read. `whole` says that it can be lodged as it is: it names this trade and its sender.

    `body` is what was read: of a print as PDF the document inside it.
    """

    kind: MessageType
    tree: Json
    content_type: str
    losses: tuple[Loss, ...]
    whole: bool
    body: bytes


class Uploads:
    """Reads files; nothing is stored."""

    def __init__(self, guidance: Guidance) -> None:
        self._guidance = guidance

    async def read(self, caller: Caller, trade_id: str, name: str, body: bytes, content_type: str = "") -> Upload:
        """The file as a document of this trade. What its envelope does not say, or says of another trade, is the trade's to say.

        Raises BadInput where nothing can be made of the bytes, Refused where the caller may not send such a document here.
        """
        if body.startswith(PDF):
            body = await asyncio.to_thread(embedded, body)
            if not body:
                raise BadInput(
                    "UNSUPPORTED_MEDIA_TYPE", "This PDF is a picture of a document, without its data: type it into the form.", 415
                )
            name, content_type = "", ""
        said = content_type or content_type_of(name, body)
        if not said:
            raise BadInput("UNSUPPORTED_MEDIA_TYPE", "Neither the name of the file nor what is in it says what it is.", 415)
        kind, tree, losses = await asyncio.to_thread(intake.opened, body, said)
        head = (await self._guidance.draft(caller, trade_id, kind.id, "", ""))["document"]["message"]
        own = tree.get("message")
        whole = (
            isinstance(own, dict) and own.get("trade_id") == trade_id and _sender(own) == caller.party_id and bool(own.get("recipients"))
        )
        plain = _plain(tree)
        if not whole:
            plain["message"] = {**head, "id": str(uuid4())}
        return Upload(kind, plain, said, losses, whole, body)


def _sender(envelope: Json) -> Any:
    sender = envelope.get("sender")
    return sender.get("party_id") if isinstance(sender, dict) else None


def _plain(tree: Json) -> Json:
    """The tree as JSON has it."""
    made: Json = msgspec.json.decode(canonical.encode(_written(tree)))
    return made


def _written(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(name): _written(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_written(one) for one in node]
    return str(node) if isinstance(node, Oversized | float) else node

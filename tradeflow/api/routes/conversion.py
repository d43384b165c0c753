"""Formats: a document from one into another, without lodging it."""

import asyncio
import base64
from typing import Annotated, Literal

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tradeflow.api.answers import json
from tradeflow.api.auth import AnyRequest
from tradeflow.api.body import bounded
from tradeflow.api.operations import operation
from tradeflow.api.views.conversion import ConversionAnswer, LossView
from tradeflow.app.access import Caller
from tradeflow.app.convert import Conversion, convert
from tradeflow.app.wiring import Hub
from tradeflow.codec.intake import media_type
from tradeflow.model.format import Loss

To = Annotated[str, QueryParameter(name="to", description="`json`, `xml` or a format, for example `edifact`.", max_length=40)]


@post(
    "/v1/convert",
    **operation("convert", "Documents", "A document in another format", ConversionAnswer, refuses=(400, 406, 413, 415, 422)),
)
async def conversion(request: AnyRequest, hub: NamedDependency[Hub], caller: NamedDependency[Caller], to: To) -> Response[bytes]:
    """The document in the body, in any format that can be lodged, in the format `to`; nothing is stored.

    `losses` names every field that the other format does not hand over as it is. What was written is read back and compared, so what is
    not named there is there. To `json` goes also what a partner's file says of a document that is not whole; `findings` are then what it
    needs before it can be lodged.
    """
    content_type = request.headers.get("content-type", "")
    media_type(content_type)
    body = await bounded(request, hub.settings.body_bytes_max)
    return json(_view(await asyncio.to_thread(convert, body, content_type, to)))


def _view(made: Conversion) -> ConversionAnswer:
    file, encoding = _text(made.body)
    losses, not_taken = ([_loss(one) for one in found] for found in (made.losses, made.not_taken))
    return ConversionAnswer(made.type, made.number, made.media_type, file, encoding, losses, not_taken, [*made.findings])


def _loss(one: Loss) -> LossView:
    return LossView(one.pointer, one.kind, one.message)  # type: ignore[arg-type]


def _text(body: bytes) -> tuple[str, Literal["utf-8", "iso8859-1", "base64"]]:
    if b"\x00" in body:
        return base64.b64encode(body).decode(), "base64"
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        return body.decode("iso8859-1"), "iso8859-1"


handlers = [conversion]

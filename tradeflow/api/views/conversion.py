"""A document in another format, and what is lost on the way."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tradeflow.model.finding import Finding


class LossView(Struct):
    """One field that the other format does not hand over as it is."""

    pointer: Annotated[str, Meta(description="JSON Pointer into the document; for `not_taken` the place in the file.")]
    kind: Annotated[
        Literal["dropped", "changed", "aside"],
        Meta(description="Not there; there in other words; or there in free text that only partners who agreed on it understand."),
    ]
    message: str


class ConversionAnswer(Struct):
    """A document in another format."""

    type: Annotated[str, Meta(description="The message type.")]
    number: str
    media_type: str
    file: Annotated[str, Meta(description="The file; in base64 where `encoding` says so.")]
    encoding: Annotated[Literal["utf-8", "iso8859-1", "base64"], Meta(description="How to turn `file` into bytes.")]
    losses: Annotated[list[LossView], Meta(description="Every field of the document that the file does not hand over as it is.")]
    not_taken: Annotated[list[LossView], Meta(description="What stands in the file that was sent and has no field in the document.")]
    findings: Annotated[list[Finding], Meta(description="What the document needs before it can be lodged, if the file does not say it.")]

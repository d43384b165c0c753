"""What a refusal looks like."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from tradeflow.machine.answers import Allowed
from tradeflow.model.finding import Finding


class Problem(Struct):
    """Why a request was not carried out (RFC 9457). Nothing has changed."""

    type: Annotated[str, Meta(description="Where the code is explained.", examples=["/docs/errors#OUT_OF_ORDER"])]
    title: Annotated[str, Meta(description="The code as a sentence, always the same.")]
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: Annotated[str, Meta(description="What is wrong with this request.")]
    code: Annotated[str, Meta(pattern="^[A-Z][A-Z_]+$", description="Stable; for programs.", examples=["OUT_OF_ORDER"])]
    retry: Annotated[bool, Meta(description="Whether the very same request may work later.")]
    findings: Annotated[list[Finding], Meta(description="Everything that is wrong, each with its place.")]
    allowed: Annotated[list[Allowed], Meta(description="What would be accepted now instead.")]
    candidates: Annotated[list[str], Meta(description="Process instances that match where one had to be named.")]
    instance: Annotated[str, Meta(description="The path of the request.")]
    incident: Annotated[str, Meta(description="Tell it to the operator; only with INTERNAL.")] | UnsetType = UNSET

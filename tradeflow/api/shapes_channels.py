"""The shapes of requests about channels."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from tradeflow.api.shapes import Line

_END = r"$(?!\n)"
_CLOCK = Annotated[str, Meta(pattern=f"^([01][0-9]|2[0-3]):[0-5][0-9]{_END}", examples=["08:30"])]
Pattern = Annotated[
    str,
    Meta(pattern=rf"^([a-z][a-z0-9_]{{0,59}}\*?|\*){_END}", description="A message type, or the beginning of some: `*`, `customs_*`."),
]
SecretName = Annotated[str, Meta(pattern=f"^[a-z][a-z_]{{0,39}}{_END}")]
SecretValue = Annotated[str, Meta(min_length=1, max_length=20_000)]


class Hours(Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Working hours: outside of them deliveries wait. `to` before `from` means past midnight."""

    zone: Annotated[str, Meta(min_length=1, max_length=60, description="A zone of the IANA database.", examples=["Asia/Hong_Kong"])]
    days: Annotated[list[str], Meta(min_length=1, max_length=7, examples=[["mon", "tue", "wed", "thu", "fri"]])]
    from_: _CLOCK
    to: _CLOCK


class NewChannel(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How a party wants its deliveries, besides the inbox. `GET /v1/channel-kinds` says what each kind wants to be told."""

    kind: Annotated[str, Meta(pattern=f"^[a-z][a-z0-9_]{{0,39}}{_END}", examples=["webhook"])]
    message_types: Annotated[list[Pattern], Meta(min_length=1, max_length=100)] = field(default_factory=lambda: ["*"])
    notices: Annotated[bool, Meta(description="Whether status lines, which ask for nothing, are sent too.")] = False
    format: Annotated[
        str,
        Meta(
            pattern=f"^[a-z][a-z0-9_]{{0,39}}{_END}",
            description="What the partner speaks: `json`, `xml`, a format such as `edifact`, or a business adapter, "
            "whose settings are `settings.adapter`.",
        ),
    ] = "json"
    settings: Annotated[dict[str, Any], Meta(max_length=30, examples=[{"url": "https://erp.golden-lantern.example/tradeflow"}])] = {}
    secrets: Annotated[
        dict[SecretName, SecretValue],
        Meta(max_length=10, description="Kept for the connector and never shown again. One that the hub makes need not be given."),
    ] = {}
    hours: Hours | None = None


class Pause(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Why."""

    reason: Line | Literal[""] = ""


class NewSecret(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A new value of a secret. Without `value` the hub makes one, where the kind allows it."""

    secret: Annotated[SecretName, Meta(examples=["signing"])]
    value: SecretValue | Literal[""] = ""
    overlap_seconds: Annotated[int, Meta(ge=0, le=30 * 86_400, description="How long the old one stays live beside it.")] = 86_400

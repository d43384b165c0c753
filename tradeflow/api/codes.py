"""Every code a problem may carry: those of workflows/_common/errors.toml, and the hub's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from tradeflow.machine.load import machine


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means, and what to do about it. `http` is its usual status; `retry` says that the same call may work later."""

    http: int
    text: str
    advice: str = ""
    retry: bool = False


HUB: Mapping[str, Code] = {
    "MALFORMED": Code(400, "the bytes are not the JSON or XML they say they are", "The finding says where reading stopped."),
    "INVALID_REQUEST": Code(422, "a parameter, header or member of the request does not fit", "Each finding points to one of them."),
    "UNKNOWN_EVENT": Code(400, "no process knows this event", "GET /v1/trades/{trade_id}/allowed names the events that are."),
    "UNAUTHENTICATED": Code(
        401,
        "the API key, session or password is missing, unknown, wrong, expired or ended",
        "Send a key as Authorization: Bearer tf_…, or sign in.",
    ),
    "FORBIDDEN": Code(403, "only the operator of this hub may do this", "Ask the operator."),
    "SCOPE_MISSING": Code(403, "the key is not for this", "Use a key with the scope that `detail` names; the party's admin makes one."),
    "TOTP_REQUIRED": Code(401, "the password is right; the code of the second factor is missing", "Send `code` with it."),
    "CSRF_TOKEN": Code(
        403, "a change from a browser lacks the token of its session", "Send csrf_token of GET /v1/session in X-CSRF-Token."
    ),
    "OIDC_REFUSED": Code(401, "the organisation's provider did not prove who you are, for this party", "`detail` says why; begin again."),
    "PROVIDER_FAILED": Code(502, "the organisation's provider cannot be reached, or is set up wrongly", "The party's admin sets it anew."),
    "NO_PROVIDER": Code(404, "the party has no provider that signs its people in", "Sign in with a password."),
    "SECRET_KEY": Code(503, "a secret in the database is sealed with a key that this hub does not have", "The operator looks at its log."),
    "USERS_ONLY": Code(403, "this is for people who are signed in, not for API keys", "Sign in with POST /v1/session."),
    "PASSWORD_WRONG": Code(403, "the present password, or the code, is wrong"),
    "TOTP_STATE": Code(409, "the second factor is not in the state for this"),
    "UNKNOWN_USER": Code(404, "no such user, or not of your party"),
    "UNKNOWN_INVITATION": Code(404, "the invitation is unknown, not yours, used, ended or expired", "Ask for a new one."),
    "MANDATE_EXCEEDED": Code(403, "the sender let you act for it, but not so far", "`detail` names the limit; ask the principal."),
    "NO_MANDATE": Code(403, "you hold no mandate for this", "The principal gives one with POST /v1/mandates."),
    "SECOND_PERSON": Code(403, "whoever lodged it cannot release it", "Another key or user of the party does."),
    "UNKNOWN_MANDATE": Code(404, "no such mandate, or neither given nor held by you"),
    "UNKNOWN_HELD": Code(404, "no such message waits, or it is not your party's"),
    "LINK_EXCEEDED": Code(403, "the link is for one document, and takes other answers"),
    "UNKNOWN_LINK": Code(404, "the link is unknown, not yours, ended, or was opened as often as it may be", "Ask for a new one."),
    "LINK_ANSWERED": Code(409, "the link has taken its one answer"),
    "HELD_SETTLED": Code(409, "it no longer waits", "GET /v1/held says what became of it."),
    "NOT_A_SANDBOX": Code(
        403, "a production hub has no clock to set and no trades that begin in the middle", "Start a hub of your own with --sandbox."
    ),
    "NOT_FOUND": Code(404, "there is nothing at this address", "GET /openapi.json lists every address."),
    "UNKNOWN_MESSAGE_TYPE": Code(404, "no such message type", "GET /v1/catalogue lists those there are."),
    "UNKNOWN_MESSAGE_ID": Code(404, "no such message in this trade, or not addressed to you"),
    "UNKNOWN_DOCUMENT": Code(404, "no such document in this trade, or not addressed to you"),
    "UNKNOWN_DRAFT": Code(404, "no such draft, or not your party's", "GET /v1/drafts lists those of your party."),
    "DRAFT_CHANGED": Code(409, "somebody else kept the draft meanwhile", "Read it again; keep yours as a new one if both are wanted."),
    "UNKNOWN_DELIVERY": Code(404, "no such delivery in your inbox"),
    "UNKNOWN_PARTY": Code(404, "no such party on this hub, or not yours", "A party is registered with POST /v1/parties."),
    "UNKNOWN_CHANNEL": Code(404, "this party has no such channel", "GET /v1/parties/{party_id}/channels lists those it has."),
    "NO_CHANNEL": Code(409, "the receiver has no channel that takes this", "The inbox of the receiver holds it."),
    "NOT_QUARANTINED": Code(409, "this is not in quarantine", "GET /v1/deliveries?status=quarantined lists what is."),
    "UNKNOWN_KEY": Code(404, "no such API key, or not yours"),
    "UNKNOWN_JOB": Code(404, "no such bulk job, or not yours", "GET /v1/bulk lists yours."),
    "UNKNOWN_CASE": Code(404, "no such case in quarantine, or not yours", "GET /v1/quarantine lists yours."),
    "METHOD_NOT_ALLOWED": Code(405, "this address does not take this method", "The header Allow lists those it takes."),
    "NOT_ACCEPTABLE": Code(
        406, "the hub has no such form of this", "Accept application/json, application/xml or a format that this message has."
    ),
    "NOT_PRINTABLE": Code(422, "the document is too long to be printed", "Take it as application/json or application/xml."),
    "EMAIL_TAKEN": Code(409, "somebody signs in with this address already", "Sign in with it, or take another."),
    "PARTY_EXISTS": Code(409, "the party id is in use"),
    "TRADE_EXISTS": Code(409, "the trade reference is in use", "Leave trade_id out and the hub makes one."),
    "CASE_SETTLED": Code(409, "the case in quarantine is settled already", "Its state and note say how."),
    "NOT_THE_SENDER": Code(409, "nobody is known to have sent what is in quarantine", "Assign it to a party, which can lodge it itself."),
    "IDEMPOTENCY_KEY_REUSED": Code(409, "the Idempotency-Key was used for another request", "Use a new key for each new request."),
    "TOO_LARGE": Code(413, "the body is larger than this hub takes"),
    "UNSUPPORTED_MEDIA_TYPE": Code(415, "the content type is not one this address takes", "Messages are JSON or XML; all else is JSON."),
    "UNDELIVERABLE": Code(422, "a mail to the party came back", "It is in the quarantine of the party, and says why."),
    "TOO_MANY_REQUESTS": Code(429, "too many requests in a short time", "Wait as long as Retry-After says.", retry=True),
    "INTERNAL": Code(500, "the hub failed; nothing is known about the cause outside", "Tell its operator the incident number."),
    "TRY_AGAIN": Code(503, "the hub is busy; nothing was stored", "Send the same request again.", retry=True),
    "DATABASE_UNREACHABLE": Code(503, "the hub cannot reach its database", "Send the same request again.", retry=True),
}
_PLAIN = {
    400: "INVALID_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "INVALID_REQUEST",
    429: "TOO_MANY_REQUESTS",
    503: "TRY_AGAIN",
}


def every() -> dict[str, Code]:
    """All codes by name: the hub's own, then those of the process tables."""
    return {**HUB, **{name: Code(error.http, error.text) for name, error in machine().errors.items()}}


def of_status(status: int) -> str:
    """The code for a refusal that only has a status."""
    return _PLAIN.get(status, "INVALID_REQUEST" if status < 500 else "INTERNAL")


def title(code: str, status: int) -> str:
    """The sentence of a code; the phrase of the status where a code has none."""
    known = HUB.get(code) or machine().errors.get(code)
    return known.text if known else HTTPStatus(status).phrase

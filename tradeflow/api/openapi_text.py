"""The prose of the API description (CommonMark)."""

TAGS = (
    ("Trades", "A trade is one shipment case: participants by role, terms, states, one timeline."),
    ("Messages", "What parties lodge, as JSON or XML. One request, one commit, one receipt."),
    ("Documents", "The shared set of a trade: the current version of every document, in the form the reader wants."),
    ("Deliveries", "What others sent: a pull inbox for each party, and how every delivery fares."),
    ("Quarantine", "What arrived by file, SFTP or e-mail and could not be taken: why, whose it is, and the ways out."),
    ("Channels", "How a party wants its deliveries, besides the inbox: webhooks and other ways to its own systems."),
    ("Parties", "Who takes part, and the keys they call with."),
    ("People", "Users of a party: sign-in, second factor, sessions, invitations."),
    ("Catalogue", "What there is to send: message types with their fields, rules, schemas, samples. Open to all."),
    ("Sandbox", "A hub started with `--sandbox` takes its time from a clock that can be set."),
    ("Health", "For load balancers and monitoring."),
)

DESCRIPTION = """\
A neutral hub for trade documents. Parties lodge messages in the format they have; the hub validates each one, moves the state
machine of the trade, keeps what happened with proof, and delivers the message to whoever must act next.

**Authentication.** Every call but those of the catalogue and the health checks needs an API key: `Authorization: Bearer tf_…`
(or `X-API-Key`). A key belongs to one party and may be limited to some of its roles. What is not yours does not exist for you: the
answer is the same 404.

**A first trade.** `POST /v1/trades` with the participants by role, `POST /v1/messages` with a purchase order
(`GET /v1/samples/purchase_order/s01.json` is one), `GET /v1/inbox?wait_seconds=30` with the key of its recipient,
`POST /v1/inbox/{delivery_id}/ack`, and `GET /v1/trades/{trade_id}/allowed` for what may come next.

**Refusals** are `application/problem+json` (RFC 9457) of one shape, with a stable `code`, all `findings` at once, and, where the trade is
in another state, what would be `allowed` now. A refused command has changed nothing. `retry` says whether the same request may work
later. Every code is explained under [/docs/errors](/docs/errors).

**Repeating.** A message with the same `message.id` and content gets its first answer byte for byte; so does any command with the same
`Idempotency-Key`. Both are marked `Idempotency-Replayed: true`. Lost the answer? Send the same again.

**Forms.** Times are RFC 3339 with an offset, amounts are decimal text, ids are UUIDs unless said otherwise. Answers may get further
members; ignore those you do not know. Request bodies may not have unknown members.

**Tracing.** Every answer has an `X-Request-ID`; one that you send (letters, digits, `.`, `_`, `:`, `-`, at most 64) is kept.

Messages are described one by one under [/docs/messages](/docs/messages).
"""

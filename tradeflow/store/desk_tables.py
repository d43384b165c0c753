"""The tables of what people write before and about documents, as SQLAlchemy knows them; see tables.py."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, Table, Text

from tradeflow.store.columns import key as _key
from tradeflow.store.columns import metadata
from tradeflow.store.columns import needed as _needed
from tradeflow.store.columns import time as _time

saved_draft = Table(
    "saved_draft",
    metadata,
    _key("draft_id"),
    _needed("party_id", Text, ForeignKey("party.party_id")),
    _needed("into_trade"),
    _needed("type"),
    _needed("number", default="''"),
    _needed("revision", Integer, default="1"),
    _needed("body", LargeBinary),
    _needed("saved_by"),
    _time("created_at", now=False),
    _time("saved_at", now=False),
    Index("saved_draft_party", "party_id", "saved_at"),
)
document_comment = Table(
    "document_comment",
    metadata,
    _key("trade_id"),
    _key("comment_id"),
    _needed("type"),
    _needed("number"),
    _needed("party_id", Text, ForeignKey("party.party_id")),
    _needed("made_by"),
    _needed("name", default="''"),
    _needed("internal", Boolean),
    _needed("text"),
    _time("made_at", now=False),
    Index("document_comment_about", "trade_id", "type", "number", "comment_id"),
)
comment_seen = Table(
    "comment_seen",
    metadata,
    _key("trade_id"),
    _key("user_id"),
    _needed("party_id", Text, ForeignKey("party.party_id")),
    _needed("comment_id"),
    _time("seen_at", now=False),
)

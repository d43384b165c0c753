"""The tables of files that came in, as SQLAlchemy knows them; see tables.py."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from tradeflow.store.columns import key as _key
from tradeflow.store.columns import metadata
from tradeflow.store.columns import needed as _needed
from tradeflow.store.columns import time as _time

bulk_job = Table(
    "bulk_job",
    metadata,
    _key("job_id", Uuid),
    Column("party_id", ForeignKey("party.party_id"), nullable=False),
    _needed("key_id"),
    _needed("user_id", default="''"),
    Column("roles", ARRAY(Text)),
    _needed("name", default="''"),
    _needed("content_type"),
    _needed("sha256"),
    _needed("body", LargeBinary),
    _needed("total", Integer),
    _needed("state", Text, CheckConstraint("state IN ('waiting', 'working', 'done')", name="bulk_job_state_check"), default="'waiting'"),
    Column("token", Uuid),
    _time("lease_until", needed=False),
    _needed("tries", Integer, default="0"),
    _time("received_at"),
    _time("finished_at", needed=False),
    Index("bulk_job_same", "party_id", "sha256", unique=True, postgresql_where=text("state <> 'done'")),
    Index("bulk_job_party", "party_id", "job_id"),
    Index("bulk_job_due", "received_at", postgresql_where=text("state <> 'done'")),
)
bulk_document = Table(
    "bulk_document",
    metadata,
    _key("job_id", Uuid, ForeignKey("bulk_job.job_id")),
    _key("position", Integer),
    Column("party_id", ForeignKey("party.party_id"), nullable=False),
    *(_needed(name, default="''") for name in ("cell", "type", "number", "into_trade", "message_id")),
    _needed("state", Text, CheckConstraint("state IN ('accepted', 'repeated', 'held', 'refused')", name="bulk_document_state_check")),
    _needed("status", Integer),
    *(_needed(name, default="''") for name in ("code", "detail")),
    _needed("findings", LargeBinary, default="'[]'"),
    _time("done_at"),
)
interchange = Table(
    "interchange",
    metadata,
    _key("party_id", Text, ForeignKey("party.party_id")),
    _key("reference"),
    _needed("sha256"),
    _time("received_at"),
)

"""The tables of people and of what they are trusted with, as SQLAlchemy knows them; see tables.py."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from tradeflow.store.columns import key, metadata, needed, time

account = Table(
    "account",
    metadata,
    key("user_id"),
    needed("party_id", Text, ForeignKey("party.party_id")),
    needed("email", Text),
    needed("name"),
    Column("roles", ARRAY(Text)),
    Column("scopes", ARRAY(Text)),
    needed("has_totp", Boolean, default="false"),
    time("created_at"),
    time("disabled_at", needed=False),
    UniqueConstraint("email"),
    Index("account_party", "party_id"),
)
credential = Table(
    "credential",
    metadata,
    key("user_id", Text, ForeignKey("account.user_id")),
    Column("password_hash", Text),
    Column("totp_secret", Text),
    needed("totp_step", BigInteger, default="0"),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
)
sign_in_guard = Table(
    "sign_in_guard",
    metadata,
    key("subject", LargeBinary),
    needed("failures", Integer),
    time("last_at"),
    time("locked_until", needed=False),
)
session = Table(
    "session",
    metadata,
    key("token_sha256", LargeBinary),
    needed("user_id", Text, ForeignKey("account.user_id")),
    time("created_at"),
    time("seen_at"),
    time("expires_at", now=False),
    time("ended_at", needed=False),
    Index("session_of_user", "user_id"),
)
invitation = Table(
    "invitation",
    metadata,
    key("invitation_id"),
    needed("secret_sha256", LargeBinary),
    needed("kind", Text, CheckConstraint("kind IN ('user', 'trade')", name="invitation_kind_check")),
    needed("party_id", Text, ForeignKey("party.party_id")),
    needed("email", default="''"),
    needed("name", default="''"),
    Column("roles", ARRAY(Text)),
    Column("scopes", ARRAY(Text)),
    Column("into_trade", Text),
    Column("role", Text),
    needed("invited_by"),
    time("created_at"),
    time("expires_at", now=False),
    time("used_at", needed=False),
    Column("used_by", Text),
    time("revoked_at", needed=False),
    Index("invitation_party", "party_id", "created_at"),
)

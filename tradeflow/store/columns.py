"""Columns as the tables of a hub have them, and the metadata they share."""

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Text, text
from sqlalchemy.types import TypeEngine

metadata = MetaData()
NOW = text("now()")
_Type = type[TypeEngine[Any]] | TypeEngine[Any]


def key(name: str, kind: _Type = Text, *more: Any, **options: Any) -> Column[Any]:
    """A column of the primary key; the application makes its values."""
    return Column(name, kind, *more, primary_key=True, autoincrement=False, **options)


def needed(name: str, kind: _Type = Text, *more: Any, default: str | None = None) -> Column[Any]:
    """A column that is never null."""
    return Column(name, kind, *more, nullable=False, server_default=None if default is None else text(default))


def time(name: str, needed: bool = True, now: bool = True) -> Column[Any]:
    """A moment; by default that of the insert."""
    return Column(name, DateTime(timezone=True), nullable=not needed, server_default=NOW if needed and now else None)

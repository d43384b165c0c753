"""Counterparties that answer by themselves: the cast of demonstrations, the partner of tests, and the other side of the conformance kit.

What they answer follows from the process tables and from workflows/_common/counterparties.toml; nothing is written for one role.
"""

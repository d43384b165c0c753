"""Use cases: the one main path of every command, the queries, and how the parts are put together."""

"""Business adapters: what a customs office, a carrier or a bank speaks, as a folder of tables.

A folder adapters/<name>/ whose adapter.toml says port = "business" is one, and nothing else is edited. Its tables are

    adapter.toml      whose systems it is for, what they take and send and in which form, settings, limits
    status.toml       the words of that system for codes of ours, the only place where they are
    decisions.toml    what the adapter decides: deadlines, kinds of declarations
    records/*.toml    rows of records in that system's own JSON or XML, where it speaks no format of the outside
    fixtures/         documents of ours with the files they become, and files of theirs with the documents they become

Everything here is pure: no clock, no network, no database.
"""

"""The record: tables, migrations, the unit of work (the only commit), claims, verification."""

"""Process tables compiled into a Machine, and decide(): what a command changes, or why it is refused. Pure: no clock, no database."""

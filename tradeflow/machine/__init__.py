"""Process tables compiled into a Machine, and decide(): what a command changes, or why it is refused. Pure: no input or output, no clock."""

"""Work that follows a commit: deliveries, timers, and the sweep that finds both without being told."""

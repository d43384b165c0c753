"""Route modules. Each has a list `handlers`; adding a file adds its routes."""

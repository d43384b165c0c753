"""Scenarios: whole trades written as files and played over HTTP by the parties that take part."""

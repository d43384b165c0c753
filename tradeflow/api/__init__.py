"""The HTTP API under /v1: JSON and XML in, JSON out, problems as RFC 9457 says."""

PORTAL = "/portal"  # where people with a browser are led; its pages are made above the API

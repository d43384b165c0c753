"""OpenID Connect: an organisation's own provider signs its people in."""

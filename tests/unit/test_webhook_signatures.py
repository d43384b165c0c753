"""Signatures: the vector of the specification, and the specification's own library as oracle."""

import base64
from datetime import UTC, datetime

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st
from tradeflow.adapters.webhook import signatures

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_vector_of_the_specification():
    made = signatures.signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64), st.text(max_size=300), st.uuids())
def test_every_receiver_with_the_library_accepts_it_and_no_other_body(key, text, id):
    secret, now = "whsec_" + base64.b64encode(key).decode(), int(datetime.now(UTC).timestamp())
    body = text.encode("utf-8", "replace")
    sent = signatures.headers([secret], str(id), now, body)
    webhook = standardwebhooks.Webhook(secret)
    webhook.verify(body, sent, json_parse=False)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        webhook.verify(body + b" ", sent, json_parse=False)


def test_while_a_secret_is_renewed_both_receivers_accept_it():
    old, new = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    sent = signatures.headers([new, old], "id", int(datetime.now(UTC).timestamp()), b"{}")
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(b"{}", sent)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook("whsec_" + base64.b64encode(b"3" * 32).decode()).verify(b"{}", sent)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "whsec_" + base64.b64encode(b"x" * 23).decode(), "whsec_ü" + "a" * 40])
def test_what_is_no_secret_is_refused(secret):
    with pytest.raises(ValueError, match="signing secret"):
        signatures.key_of(secret)

"""Parameters that a program can get wrong: each is refused at once, with its name and the way out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from ccflow_tui import ClientCertificate, ClientSecret, InputProblem, PrivateKey, TokenClient
from ccflow_tui.models.profile import AuthMethod


def client(**changes: Any) -> TokenClient:
    given = {
        "token_endpoint": "https://as.example/token",
        "client_id": "orders",
        "credential": ClientSecret("s"),
    }
    return TokenClient(**given | changes)


@pytest.mark.parametrize(
    ("make", "field", "way_out"),
    [
        (lambda: ClientSecret("s", "basic"), "auth_method", "client_secret_basic, client_secret_post"),
        (lambda: ClientSecret("s", "none"), "auth_method", "client_secret_jwt"),
        (lambda: ClientSecret("s", "private_key_jwt"), "auth_method", "client_secret_jwt"),
        (lambda: ClientSecret("s", encoding="latin"), "basic_encoding", "raw"),
        (lambda: ClientSecret(b"s"), "client_secret", "str"),  # type: ignore[arg-type]
        (lambda: PrivateKey(None), "key_reference", "str"),  # type: ignore[arg-type]
        (lambda: PrivateKey("PEM", passphrase=b"p"), "passphrase", "str"),  # type: ignore[arg-type]
        (lambda: ClientCertificate("c.pem", passphrase=b"p"), "passphrase", "str"),  # type: ignore[arg-type]
        (lambda: client(credential="s"), "credential", "ClientSecret"),
        (lambda: client(certificate="c.pem"), "certificate", "ClientCertificate"),
        (lambda: client(attempts=0), "attempts", "1"),
        (lambda: client(timeout=0), "timeout", "30"),
        (lambda: client(timeout=math.nan), "timeout", "30"),
        (lambda: client(timeout=math.inf), "timeout", "30"),
        (lambda: client(refresh_ahead=-1), "refresh_ahead", "0"),
    ],
)
def test_it_is_refused_before_anything_is_sent(make: Callable[[], object], field: str, way_out: str) -> None:
    with pytest.raises(InputProblem) as caught:
        make()
    assert caught.value.finding.field == field
    assert way_out in caught.value.finding.remedy
    assert "b's'" not in str(caught.value), "no secret is repeated"


def test_a_method_may_be_given_by_its_name() -> None:
    assert ClientSecret("s", "client_secret_post").method is AuthMethod.CLIENT_SECRET_POST

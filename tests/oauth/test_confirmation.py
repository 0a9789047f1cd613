"""What a token is bound to, and what may be published of a key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccflow_tui.models.problems import InputProblem, Severity
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.confirmation import Held, check_confirmation
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.oauth.public_jwks import public_jwks
from ccflow_tui.oauth.signing_key import secret_key
from tests.oauth.key_material import as_secret, jwk, signing_key

X5T, JKT = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


@pytest.mark.parametrize(
    ("claims", "held", "severity", "words"),
    [
        ({"cnf": {"x5t#S256": X5T}}, Held(x5t=X5T), None, ""),
        ({"cnf": {"x5t#S256": X5T[:-1]}}, Held(x5t=X5T), Severity.ERROR, "another client certificate"),
        ({"cnf": {"x5t#S256": 7}}, Held(x5t=X5T), Severity.ERROR, "another client certificate"),
        ({"cnf": {"x5t#S256": "ü"}}, Held(x5t=X5T), Severity.ERROR, "another client certificate"),
        ({"cnf": {"x5t#S256": X5T}}, Held(x5t=""), Severity.ERROR, "this request had none"),
        (
            {"cnf": {}},
            Held(x5t=X5T, expects_x5t=True),
            Severity.WARNING,
            "not bound to the client certificate",
        ),
        ({}, Held(x5t=X5T, expects_x5t=True), Severity.WARNING, "cnf.x5t#S256"),
        ({}, Held(x5t=X5T), None, ""),
        ({}, Held(x5t="", expects_x5t=True), None, ""),
        ({"cnf": [X5T]}, Held(x5t=X5T), Severity.ERROR, "not an object"),
        ({"cnf": {"jkt": JKT}}, Held(jkt=JKT), None, ""),
        ({"cnf": {"jkt": X5T}}, Held(jkt=JKT), Severity.ERROR, "another DPoP key"),
        ({}, Held(jkt=JKT), Severity.WARNING, "not bound to the DPoP key"),
        ({"cnf": {"jkt": JKT}}, Held(jkt=""), Severity.ERROR, "this request had none"),
        ({"cnf": {"jkt": JKT, "x5t#S256": X5T}}, Held(jkt=JKT, x5t=X5T), None, ""),
        ({"cnf": {"jkt": JKT, "x5t#S256": X5T}}, Held(x5t=X5T), None, ""),
        ({"cnf": {"jkt": JKT, "x5t#S256": X5T}}, Held(), None, ""),
        (None, Held(x5t=X5T, jkt=JKT, expects_x5t=True), None, ""),
    ],
)
def test_F4_H6_the_binding_of_a_token_is_compared(
    claims: dict[str, Any] | None, held: Held, severity: Severity | None, words: str
) -> None:
    found = check_confirmation(claims, held)
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert all(words in finding.problem and finding.remedy for finding in found)


# Export


@pytest.mark.parametrize(
    ("kind", "alg", "members"),
    [
        ("RSA", "PS256", {"n", "e"}),
        ("P-384", "ES384", {"crv", "x", "y"}),
        ("Ed25519", "EdDSA", {"crv", "x"}),
    ],
)
def test_D18_exported_jwks_have_public_members_only(kind: str, alg: str, members: set[str]) -> None:
    key = load_signing_key(as_secret(jwk(kind, kid="own", **{"x5t#S256": X5T, "secret-note": "CANARY"})))
    [public] = public_jwks(key, alg=alg)["keys"]
    assert set(public) == {"kty", "kid", "use", "alg", "x5t#S256"} | members
    assert (public["kid"], public["alg"], public["use"]) == ("own", alg, "sig")
    private = jwk(kind)
    assert all(public[name] == private[name] for name in members)
    for name in ("d", "p", "q", "dp", "dq", "qi", "k"):
        assert private.get(name, "nothing") not in json.dumps(public)
    assert public_jwks(signing_key(kind), alg=alg, kid="given")["keys"][0]["kid"] == "given"
    thumbprint = signing_key(kind).thumbprint
    assert public_jwks(signing_key(kind), alg=alg)["keys"][0]["kid"] == thumbprint


def test_D18_a_shared_secret_is_never_exported_and_alg_must_fit() -> None:
    with pytest.raises(ValueError, match="no public half"):
        public_jwks(secret_key(Secret("s" * 64)), alg="HS256")
    with pytest.raises(InputProblem):
        public_jwks(signing_key("RSA"), alg="ES256")

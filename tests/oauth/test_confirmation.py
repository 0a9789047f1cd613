"""What a token is bound to, and what may be published of a key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccflow_tui.models.problems import InputProblem, Severity
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.confirmation import Bond, certificate_problems, judge_confirmation
from ccflow_tui.oauth.keys import load_signing_key
from ccflow_tui.oauth.public_jwks import public_jwks
from ccflow_tui.oauth.signing_key import secret_key
from tests.oauth.key_material import as_secret, jwk, signing_key

X5T, JKT = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


BOTH = {"cnf": {"jkt": JKT, "x5t#S256": X5T}}
BONDS: dict[str, tuple[Any, dict[str, str], tuple[Bond, Bond]]] = {
    "opaque": (None, {"jkt": JKT, "x5t": X5T}, (Bond.UNTOLD, Bond.UNTOLD)),
    "no cnf": ({}, {"jkt": JKT, "x5t": X5T}, (Bond.MISSING, Bond.MISSING)),
    "an empty cnf": ({"cnf": {}}, {"jkt": JKT, "x5t": X5T}, (Bond.MISSING, Bond.MISSING)),
    "a cnf that is no object": ({"cnf": [X5T]}, {"jkt": JKT}, (Bond.MISSING, Bond.MISSING)),
    "own": (BOTH, {"jkt": JKT, "x5t": X5T}, (Bond.OWN, Bond.OWN)),
    "others": (BOTH, {"jkt": X5T, "x5t": JKT}, (Bond.OTHER, Bond.OTHER)),
    "nothing held": (BOTH, {"jkt": "", "x5t": ""}, (Bond.OTHER, Bond.OTHER)),
    "not to be compared": (BOTH, {}, (Bond.UNCOMPARED, Bond.UNCOMPARED)),
    "one of them": ({"cnf": {"jkt": JKT}}, {"jkt": JKT, "x5t": X5T}, (Bond.OWN, Bond.MISSING)),
    "one character less": ({"cnf": {"jkt": JKT[:-1]}}, {"jkt": JKT}, (Bond.OTHER, Bond.MISSING)),
    "a number": ({"cnf": {"jkt": 7}}, {"jkt": JKT}, (Bond.OTHER, Bond.MISSING)),
    "beyond ASCII": ({"cnf": {"jkt": "ü"}}, {"jkt": JKT}, (Bond.OTHER, Bond.MISSING)),
    "empty, and nothing held": ({"cnf": {"jkt": ""}}, {"jkt": ""}, (Bond.OTHER, Bond.MISSING)),
}


@pytest.mark.parametrize("case", BONDS)
def test_F4_H6_what_a_token_is_bound_to_is_compared(case: str) -> None:
    claims, held, bonds = BONDS[case]
    found = judge_confirmation(claims, **held)
    assert (found.key, found.certificate) == bonds
    assert found.is_malformed is (case == "a cnf that is no object")


@pytest.mark.parametrize(
    ("claims", "x5t", "expected", "severity", "words"),
    [
        ({"cnf": {"x5t#S256": X5T}}, X5T, True, None, ""),
        ({"cnf": {"x5t#S256": JKT}}, X5T, False, Severity.ERROR, "another client certificate"),
        ({"cnf": {"x5t#S256": X5T}}, "", False, Severity.ERROR, "this request had none"),
        ({"cnf": {}}, X5T, True, Severity.WARNING, "not bound to the client certificate"),
        ({}, X5T, True, Severity.WARNING, "cnf.x5t#S256"),
        ({}, X5T, False, None, ""),
        ({}, "", True, None, ""),
        ({"cnf": [X5T]}, X5T, False, Severity.ERROR, "not an object"),
        (BOTH, X5T, True, None, ""),
        (None, X5T, True, None, ""),
    ],
)
def test_F4_what_is_wrong_with_the_binding_to_a_certificate_is_told(
    claims: dict[str, Any] | None, x5t: str, expected: bool, severity: Severity | None, words: str
) -> None:
    found = list(certificate_problems(claims, x5t, expected=expected))
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

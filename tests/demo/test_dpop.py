"""The demo server as the other side of DPoP (RFC 9449): what it accepts, asks for and refuses."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ccflow_tui.demo.announcement import DemoInfo
from ccflow_tui.demo.dpop_proofs import NONCE_LIFETIME, Nonces
from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.progress import Progress, RetryScheduled
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.dpop import ProofTerms, access_token_hash, sign_proof
from ccflow_tui.oauth.keys import load_signing_key
from tests.demo.test_roster import engine_with
from tests.support.demo_server import (
    Reply,
    assertion_fields,
    claims_for,
    post_form,
    profile_named,
    running_demo,
    send,
    sign,
)

KEY = ECKey.generate_key("P-256")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoInfo]:
    with running_demo() as info:
        yield info


def proof(url: str, key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """Sign a proof with joserfc alone; ``None`` takes a claim out."""
    claims = {
        "jti": str(uuid.uuid4()),
        "htm": "POST",
        "htu": url,
        "iat": int(time.time()),
        **changes,
    }
    members = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False), **(header or {})}
    header, claims = ({k: v for k, v in part.items() if v is not None} for part in (members, claims))
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def ask(demo: DemoInfo, dpop: str | None, name: str = "demo-dpop") -> Reply:
    profile = profile_named(demo, name)
    fields = [
        ("grant_type", "client_credentials"),
        *assertion_fields(sign(demo, profile, claims_for(profile))),
    ]
    return post_form(profile.token_endpoint, fields, {} if dpop is None else {"DPoP": dpop})


def current_nonce(demo: DemoInfo) -> str:
    return str(ask(demo, proof(demo.token_endpoint)).headers["DPoP-Nonce"])


@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
def test_D14_H6_a_proof_by_ed25519_binds_under_both_names(demo: DemoInfo, alg: str) -> None:
    key = load_signing_key(Secret(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))))

    def signed(method: str, url: str, nonce: str, token: str = "") -> str:
        access_token = Secret(token) if token else None
        terms = ProofTerms(method=method, url=url, alg=alg, nonce=nonce, access_token=access_token)
        return sign_proof(terms, key=key, now=time.time(), jti=str(uuid.uuid4())).jwt.reveal()

    reply = ask(demo, signed("POST", demo.token_endpoint, current_nonce(demo)))
    assert (reply.status, reply.json["token_type"]) == (200, "DPoP")
    token = str(reply.json["access_token"])
    nonce = call(demo, token, signed("GET", demo.api_base, "", token)).headers["DPoP-Nonce"]
    assert call(demo, token, signed("GET", demo.api_base, nonce, token)).status == 200


def bound_token(demo: DemoInfo) -> str:
    reply = ask(demo, proof(demo.token_endpoint, nonce=current_nonce(demo)))
    assert (reply.status, reply.json["token_type"]) == (200, "DPoP")
    return str(reply.json["access_token"])


def call(demo: DemoInfo, token: str, dpop: str | None, scheme: str = "DPoP") -> Reply:
    headers = {"Authorization": f"{scheme} {token}", **({} if dpop is None else {"DPoP": dpop})}
    return send("GET", demo.api_base, headers=headers)


def test_H2_a_proof_without_nonce_is_told_one_and_then_accepted(demo: DemoInfo) -> None:
    reply = ask(demo, proof(demo.token_endpoint))
    assert reply.error == (400, "use_dpop_nonce")
    granted = ask(demo, proof(demo.token_endpoint, nonce=reply.headers["DPoP-Nonce"]))
    assert (granted.status, granted.json["token_type"]) == (200, "DPoP")


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htu": "https://other.example/token"},
        {"htu": None},
        {"iat": None},
        {"iat": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"jti": None},
        {"jti": ""},
    ],
)
def test_H1_a_proof_with_wrong_claims_is_refused(demo: DemoInfo, changes: dict[str, Any]) -> None:
    reply = ask(demo, proof(demo.token_endpoint, nonce=current_nonce(demo), **changes))
    assert reply.error == (400, "invalid_dpop_proof")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"jwk": KEY.as_dict(private=True)},
        {"jwk": None},
        {"jwk": {}},
        {"jwk": {"kty": "EC"}},
        {"jwk": ECKey.generate_key("P-256").as_dict(private=False)},
    ],
)
def test_H1_a_proof_with_a_wrong_header_is_refused(demo: DemoInfo, header: dict[str, Any]) -> None:
    nonce = current_nonce(demo)
    assert ask(demo, proof(demo.token_endpoint, header=header, nonce=nonce)).error == (
        400,
        "invalid_dpop_proof",
    )


@pytest.mark.parametrize("text", ["x", "a.b.c", "a.b.c, a.b.c", "." * 5000])
def test_H1_what_is_no_proof_is_refused(demo: DemoInfo, text: str) -> None:
    assert ask(demo, text).error == (400, "invalid_dpop_proof")


def test_H1_a_proof_is_taken_once(demo: DemoInfo) -> None:
    once = proof(demo.token_endpoint, nonce=current_nonce(demo))
    assert ask(demo, once).status == 200
    assert ask(demo, once).error == (400, "invalid_dpop_proof")


def test_an_rsa_key_will_do(demo: DemoInfo) -> None:
    key = RSAKey.generate_key(2048)
    dpop = proof(demo.token_endpoint, key, {"alg": "PS256"}, nonce=current_nonce(demo))
    assert ask(demo, dpop).status == 200


def test_a_client_that_must_bind_its_tokens_is_refused_without_proof(demo: DemoInfo) -> None:
    assert ask(demo, None).error == (400, "invalid_dpop_proof")
    assert ask(demo, None, "demo-jwt-es256").json["token_type"] == "Bearer"


def test_H4_the_api_takes_a_bound_token_with_its_proof_only(demo: DemoInfo) -> None:
    token, nonce = bound_token(demo), current_nonce(demo)
    terms = {"htm": "GET", "nonce": nonce, "ath": access_token_hash(Secret(token))}
    assert call(demo, token, proof(demo.api_base, **terms)).status == 200
    assert call(demo, token, None).status == 401
    assert call(demo, token, None, scheme="Bearer").status == 401
    for wrong in (
        proof(demo.api_base, **{**terms, "ath": None}),
        proof(demo.api_base, **{**terms, "ath": access_token_hash(Secret("other"))}),
        proof(demo.api_base, **{**terms, "htm": "POST"}),
        proof(demo.api_base, ECKey.generate_key("P-256"), **terms),
    ):
        reply = call(demo, token, wrong)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith('DPoP algs="ES256 ')


def test_H3_the_api_asks_for_a_nonce_by_challenge(demo: DemoInfo) -> None:
    token = bound_token(demo)
    dpop = proof(demo.api_base, htm="GET", ath=access_token_hash(Secret(token)))
    reply = call(demo, token, dpop)
    assert reply.status == 401
    assert 'error="use_dpop_nonce"' in reply.headers["WWW-Authenticate"]
    assert reply.headers["DPoP-Nonce"] == current_nonce(demo)


def test_H2_a_nonce_is_taken_for_a_while_after_the_next_one_came() -> None:
    now = [0.0]
    nonces = Nonces(lambda: now[0])
    first = nonces.current()
    assert nonces.accepts(first)
    now[0] = NONCE_LIFETIME
    second = nonces.current()
    assert second != first
    assert nonces.accepts(first) and nonces.accepts(second)
    now[0] = 2 * NONCE_LIFETIME
    assert not nonces.accepts(first)
    assert nonces.accepts(second)
    now[0] = 9 * NONCE_LIFETIME
    assert not nonces.accepts(second)
    assert not nonces.accepts("") and not nonces.accepts(None)


async def test_ccflow_gets_a_bound_token_and_calls_the_api_with_it(demo: DemoInfo) -> None:
    profile, heard = profile_named(demo, "demo-dpop"), list[Progress]()
    engine = await engine_with(demo)
    outcome = await engine.request_token(profile, await engine.prepare(profile), heard.append)
    assert isinstance(outcome, Granted)
    assert outcome.token.token_type == "DPoP"
    preview = await engine.prepare(profile)
    assert preview.proof is not None
    assert engine.view_token(outcome.token).claims["cnf"] == {"jkt": preview.proof.thumbprint}
    assert [type(step) for step in heard].count(RetryScheduled) == 1
    result = await engine.call_resource(profile)
    assert (result.status, result.fresh_token_used) == (200, False)
    await engine.close()

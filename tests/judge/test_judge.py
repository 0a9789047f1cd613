"""An authorization server that others wrote judges what ccflow sends, and ccflow explains its refusals."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.outcome import Advice
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AssertionAudience, AuthMethod, BasicEncoding, Profile
from ccflow_tui.models.secret import Secret
from tests.judge.client import Applicant
from tests.judge.registrations import (
    BASIC_ID,
    JWT_ALGS,
    LIMITED_ID,
    NO_GRANT_ID,
    ODD_SECRET,
    OTHER,
    POST_ID,
    THINGS,
    Registrations,
    jwt_id,
)
from tests.judge.server_process import Judge

pytestmark = pytest.mark.judge

BASIC, POST = AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST
BOTH_SECRET_CLIENTS = pytest.mark.parametrize(("client_id", "method"), [(BASIC_ID, BASIC), (POST_ID, POST)])
EVERY_ALG = pytest.mark.parametrize("alg", JWT_ALGS)


def verified_claims(judge: Judge, token: AccessToken) -> dict[str, Any]:
    """Check an access token as a resource server does (RFC 9068, section 4), by the published keys."""
    keys = KeySet.import_key_set(httpx.get(f"{judge.issuer}/jwks", trust_env=False).json())
    checked = jwt.decode(token.value.reveal(), keys)
    assert checked.header["typ"] == "at+jwt"
    assert checked.claims["iss"] == judge.issuer
    return checked.claims


def says(advice: Advice, *words: str) -> None:
    """Expect every word on the card, which has a title, a reason and a remedy, and no secret."""
    assert advice.title and advice.reason and advice.what_to_do
    card = " ".join([advice.title, advice.reason, advice.server_said, *advice.what_to_do])
    for word in words:
        assert re.search(word, card, re.IGNORECASE), f"{word!r} is not on the card: {card}"
    assert ODD_SECRET not in repr(advice)


def run_shell(command: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as a person who pastes it, with ``variables`` exported."""
    shell = shutil.which("sh")
    assert shell
    environment = {"PATH": os.environ["PATH"]} | variables
    return subprocess.run(
        [shell, "-c", command], env=environment, capture_output=True, text=True, timeout=30, check=True
    )


# Tokens


@BOTH_SECRET_CLIENTS
async def test_A1_odd_id_and_secret_arrive_whole(
    applicant: Applicant, client_id: str, method: AuthMethod
) -> None:
    before = time.time()
    granted = await applicant.granted(applicant.with_secret(client_id, method))
    token = granted.token
    assert token.token_type.lower() == "bearer"
    assert token.expires_in == 300
    assert token.expires_at is not None
    assert before + 300 <= token.expires_at <= time.time() + 300


@EVERY_ALG
async def test_D1_private_key_jwt_for_a_typed_token_endpoint(applicant: Applicant, alg: str) -> None:
    profile = applicant.with_key(alg)
    request = await applicant.engine.prepare(profile)
    assert request.assertion is not None
    assert request.assertion.claims["aud"] == profile.token_endpoint
    await applicant.granted(profile)


@EVERY_ALG
async def test_D2_private_key_jwt_for_a_discovered_issuer(
    applicant: Applicant, judge: Judge, alg: str
) -> None:
    profile = await applicant.discovered(applicant.with_key(alg))
    request = await applicant.engine.prepare(profile)
    assert request.assertion is not None
    assert request.assertion.claims["aud"] == judge.issuer
    assert request.assertion.header["typ"] == "client-authentication+jwt"
    await applicant.granted(profile)


async def test_D9_the_previewed_request_sent_again_gets_an_assertion_of_its_own(applicant: Applicant) -> None:
    profile = applicant.with_key("ES256")
    previewed = await applicant.engine.prepare(profile)
    first = await applicant.granted(profile, previewed)
    again = await applicant.granted(profile, previewed)
    assert first.token.value != again.token.value


@BOTH_SECRET_CLIENTS
async def test_E3_discovery_finds_the_token_endpoint(
    applicant: Applicant, judge: Judge, client_id: str, method: AuthMethod
) -> None:
    profile = await applicant.discovered(applicant.with_secret(client_id, method))
    assert (profile.issuer, profile.token_endpoint) == (judge.issuer, judge.token_endpoint)
    applicant.engine.remember_secret(profile, Secret(ODD_SECRET))
    await applicant.granted(profile)


async def test_E8_discovery_tells_methods_and_algorithms(applicant: Applicant, judge: Judge) -> None:
    result = await applicant.engine.discover(Profile(issuer=judge.issuer))
    assert result.metadata is not None
    assert result.metadata.issuer == judge.issuer
    assert set(result.metadata.auth_methods or ()) == set(AuthMethod)
    assert set(JWT_ALGS) <= set(result.metadata.signing_algs)
    assert "client_credentials" in (result.metadata.grant_types or ())
    assert result.metadata.jwks_uri == f"{judge.issuer}/jwks"
    assert len(result.attempts) == 1, "the document of RFC 8414 is there, so no other is asked for"


@pytest.mark.parametrize("resource", [THINGS, OTHER])
@BOTH_SECRET_CLIENTS
async def test_G1_a_resource_becomes_the_audience(
    applicant: Applicant, judge: Judge, client_id: str, method: AuthMethod, resource: str
) -> None:
    granted = await applicant.granted(applicant.with_secret(client_id, method, resources=(resource,)))
    claims = verified_claims(judge, granted.token)
    assert (claims["aud"], claims["client_id"]) == (resource, client_id)


@EVERY_ALG
async def test_G1_a_resource_and_a_scope_with_private_key_jwt(
    applicant: Applicant, judge: Judge, alg: str
) -> None:
    profile = applicant.with_key(alg, resources=(THINGS,), scope="things:write things:read")
    granted = await applicant.granted(profile)
    claims = verified_claims(judge, granted.token)
    assert (claims["aud"], claims["client_id"]) == (THINGS, jwt_id(alg))
    assert set(claims["scope"].split()) == {"things:read", "things:write"}
    assert set((granted.token.scope or "").split()) == {"things:read", "things:write"}


async def test_B7_a_scope_silently_dropped_is_noticed(applicant: Applicant) -> None:
    profile = applicant.with_secret(BASIC_ID, BASIC, resources=(THINGS,), scope="things:read things:erase")
    granted = await applicant.granted(profile)
    assert granted.token.scope == "things:read"
    assert any("things:erase" in note for note in granted.notes)


# The copied command


@pytest.mark.skipif(
    shutil.which("sh") is None or shutil.which("curl") is None,
    reason="a POSIX shell and curl run the command",
)
@pytest.mark.parametrize("method", [AuthMethod.PRIVATE_KEY_JWT, BASIC, POST])
async def test_the_copied_curl_command_gets_a_token(
    applicant: Applicant, judge: Judge, method: AuthMethod
) -> None:
    if method is AuthMethod.PRIVATE_KEY_JWT:
        profile = applicant.with_key("PS256", resources=(OTHER,), scope="other:read")
    else:
        client_id = BASIC_ID if method is BASIC else POST_ID
        profile = applicant.with_secret(client_id, method, resources=(OTHER,), scope="other:read")
    request = await applicant.engine.prepare(profile)
    command = applicant.engine.as_curl(request)
    assertion = request.assertion.jwt.reveal() if request.assertion else ""
    assert ODD_SECRET not in command and (not assertion or assertion not in command)
    variables = {"CLIENT_SECRET": ODD_SECRET, "CLIENT_ASSERTION": assertion, "NO_PROXY": "127.0.0.1"}
    done = await asyncio.to_thread(run_shell, command, variables)
    assert json.loads(done.stdout)["scope"] == "other:read", done
    verdict = judge.verdict()
    assert (verdict.granted, verdict.method) == (True, method)


# Refusals


@BOTH_SECRET_CLIENTS
async def test_B9_wrong_secret(applicant: Applicant, client_id: str, method: AuthMethod) -> None:
    profile = applicant.with_secret(client_id, method, secret="not the secret")
    refusal, advice = await applicant.refused(profile, "invalid secret provided")
    assert (refusal.code, refusal.exchange.http_status) == ("invalid_client", 401)
    says(advice, "invalid_client", "secret")


async def test_B9_unknown_client(applicant: Applicant) -> None:
    profile = applicant.with_secret("nobody-knows-me", BASIC)
    refusal, advice = await applicant.refused(profile, "client not found")
    assert refusal.code == "invalid_client"
    says(advice, "invalid_client", "client id")


async def test_A1_raw_basic_is_refused_and_the_card_names_the_encoding(applicant: Applicant) -> None:
    profile = applicant.with_secret(LIMITED_ID, BASIC, basic_encoding=BasicEncoding.RAW)
    refusal, advice = await applicant.refused(profile, "URI malformed")
    assert refusal.code == "invalid_request"
    says(advice, "invalid_request", "encod")


@EVERY_ALG
async def test_D9_replayed_assertion(applicant: Applicant, alg: str) -> None:
    profile = applicant.with_key(alg)
    request = await applicant.engine.prepare(profile)
    await applicant.granted(profile, request)
    replayed = await applicant.replay(request)
    refusal, advice = applicant.explained(replayed, profile, "must only be used once")
    assert refusal.code == "invalid_client"
    says(advice, "invalid_client", "assertion", "Retry signs a new one")


@EVERY_ALG
async def test_D2_wrong_audience(applicant: Applicant, judge: Judge, alg: str) -> None:
    profile = applicant.with_key(alg, assertion_audience=f"{judge.issuer}/elsewhere")
    refusal, advice = await applicant.refused(profile, "audience (aud) must equal")
    assert refusal.code == "invalid_client"
    says(advice, "invalid_client", "aud")
    assert advice.field == "assertion_audience"


async def test_D3_nothing_is_signed_for_a_foreign_audience(applicant: Applicant) -> None:
    with pytest.raises(InputProblem) as caught:
        await applicant.engine.prepare(
            applicant.with_key("ES256", assertion_audience="https://other.example/token")
        )
    assert caught.value.finding.field == "assertion_audience"


async def test_D16_unknown_kid(applicant: Applicant) -> None:
    profile = applicant.with_key("RS256", assertion_kid="another-key")
    refusal, advice = await applicant.refused(profile, "no applicable key")
    assert refusal.code == "invalid_client"
    says(advice, "invalid_client", "kid|key id")


async def test_D12_another_key_than_the_registered_one(applicant: Applicant) -> None:
    registered = applicant.registrations
    stranger = Registrations.generate()
    profile = applicant.with_key(
        "ES256", key=stranger.private_key("ES256"), assertion_kid=registered.thumbprint("ES256")
    )
    refusal, advice = await applicant.refused(profile, "signature verification failed")
    assert refusal.code == "invalid_client"
    says(advice, "invalid_client", "key")


async def test_G1_two_resources(applicant: Applicant) -> None:
    profile = applicant.with_secret(BASIC_ID, BASIC, resources=(THINGS, OTHER))
    refusal, advice = await applicant.refused(profile, "only a single resource indicator")
    assert refusal.code == "invalid_target"
    says(advice, "invalid_target", "one resource per token")
    assert (advice.field, len(advice.what_to_do)) == ("resources", 1)


async def test_G1_unknown_resource(applicant: Applicant) -> None:
    profile = applicant.with_secret(POST_ID, POST, resources=("https://elsewhere.example/",))
    refusal, advice = await applicant.refused(profile, "does not know the resource")
    assert refusal.code == "invalid_target"
    says(advice, "invalid_target", "resource")
    assert advice.field == "resources"


async def test_A12_scope_not_allowed(applicant: Applicant) -> None:
    profile = applicant.with_secret(LIMITED_ID, BASIC, scope="things:write", resources=(THINGS,))
    refusal, advice = await applicant.refused(profile, "requested scope is not allowed")
    assert refusal.code == "invalid_scope"
    says(advice, "invalid_scope", "scope")
    assert advice.field == "scope"


async def test_B9_grant_not_allowed_which_this_server_calls_invalid_request(applicant: Applicant) -> None:
    """RFC 6749, section 5.2 has unauthorized_client for this; the card explains it as such."""
    profile = applicant.with_secret(NO_GRANT_ID, BASIC)
    refusal, advice = await applicant.refused(profile, "grant type is not allowed")
    assert refusal.code == "invalid_request"
    says(advice, "invalid_request", "requested grant type is not allowed for this client")
    says(advice, "may not use client credentials", "Allow the client credentials grant")


async def test_D4_assertion_for_the_token_endpoint_with_a_discovered_issuer(applicant: Applicant) -> None:
    profile = await applicant.discovered(applicant.with_key("PS256"))
    await applicant.granted(replace(profile, assertion_audience=AssertionAudience.TOKEN_ENDPOINT))

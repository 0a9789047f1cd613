"""Every client authentication method and every algorithm before the judge; mutual TLS at its alias."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace

import pytest

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod
from ccflow_tui.oauth.certificates import thumbprint
from tests.judge.client import Applicant
from tests.judge.registrations import (
    CERT_BOUND_ID,
    LONG_SECRET,
    ODD_SECRET,
    OTHER,
    PUBLIC_ID,
    SECRET_JWT_ALGS,
    SELF_SIGNED_ID,
    THINGS,
    TLS_ID,
    jwt_id,
)
from tests.judge.server_process import Judge
from tests.judge.test_judge import run_shell, says, verified_claims
from tests.support.client_certificates import issue

pytestmark = pytest.mark.judge

SECRET_JWT, TLS, SELF_SIGNED = (
    AuthMethod.CLIENT_SECRET_JWT,
    AuthMethod.TLS_CLIENT_AUTH,
    AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH,
)


@pytest.mark.parametrize("alg", SECRET_JWT_ALGS)
async def test_D11_client_secret_jwt(applicant: Applicant, alg: str) -> None:
    profile = applicant.with_secret(jwt_id(alg), SECRET_JWT, secret=LONG_SECRET, assertion_alg=alg)
    await applicant.granted(profile)


async def test_D2_client_secret_jwt_for_a_discovered_issuer(applicant: Applicant, judge: Judge) -> None:
    plain = applicant.with_secret(jwt_id("HS256"), SECRET_JWT, secret=LONG_SECRET)
    profile = await applicant.discovered(plain)
    request = await applicant.engine.prepare(profile)
    assert request.assertion is not None
    assert (request.assertion.claims["aud"], request.assertion.header["alg"]) == (judge.issuer, "HS256")
    assert "kid" not in request.assertion.header
    await applicant.granted(profile, request)


async def test_B9_client_secret_jwt_with_a_wrong_secret(applicant: Applicant) -> None:
    profile = applicant.with_secret(jwt_id("HS256"), SECRET_JWT, secret="x" * 64)
    refusal, advice = await applicant.refused(profile, "signature verification failed")
    assert refusal.code == "invalid_client"
    says(advice, "client secret", "Enter the client secret again")


async def test_D12_client_secret_jwt_with_another_alg_than_the_registered_one(applicant: Applicant) -> None:
    profile = applicant.with_secret(jwt_id("HS256"), SECRET_JWT, secret=LONG_SECRET, assertion_alg="HS512")
    refusal, advice = await applicant.refused(profile, "alg mismatch")
    assert refusal.code == "invalid_client"
    says(advice, "HS512")


@pytest.mark.parametrize(("registered", "chosen"), [("EdDSA", "Ed25519"), ("Ed25519", "EdDSA")])
async def test_D14_a_server_that_lists_both_names_gets_the_one_chosen(
    applicant: Applicant, registered: str, chosen: str
) -> None:
    profile = await applicant.discovered(applicant.with_key(registered))
    assert {"Ed25519", "EdDSA"} <= set(profile.server_facts.signing_algs)
    assert (await applicant.granted(profile)).token
    refusal, advice = await applicant.refused(replace(profile, assertion_alg=chosen), "alg mismatch")
    assert refusal.code == "invalid_client"
    says(advice, chosen)


async def test_D14_a_server_that_lists_one_name_gets_that_one(applicant: Applicant) -> None:
    profile = await applicant.discovered(applicant.with_key("EdDSA"))
    older = replace(profile, server=replace(profile.server, signing_algs=("RS256", "EdDSA")))
    await applicant.granted(replace(older, assertion_alg="Ed25519"))


async def test_none_a_public_client_gets_a_token_where_the_server_gives_one(applicant: Applicant) -> None:
    await applicant.granted(applicant.as_nobody(PUBLIC_ID))


async def test_none_by_a_client_that_has_another_method(applicant: Applicant) -> None:
    profile = applicant.as_nobody(jwt_id("RS256"))
    refusal, advice = await applicant.refused(profile, "does not match the registered")
    assert refusal.code == "invalid_client"
    says(advice, "method")
    assert advice.field == "auth_method"


# Mutual TLS (RFC 8705)


async def test_F1_F2_F4_tls_client_auth_at_the_alias_gives_a_bound_token(
    applicant: Applicant, judge: Judge
) -> None:
    issued = applicant.registrations.certified
    profile = await applicant.discovered(applicant.with_certificate(TLS_ID, TLS, issued, resources=(THINGS,)))
    assert profile.request_endpoint.startswith("https://") and profile.token_endpoint.startswith("http://")
    assert profile.server_facts.certificate_bound_tokens
    request = await applicant.engine.prepare(profile)
    assert request.url == profile.request_endpoint
    granted = await applicant.granted(profile, request)
    assert verified_claims(judge, granted.token)["cnf"] == {"x5t#S256": thumbprint(issued.der())}
    assert not any("bound" in note for note in granted.notes)


async def test_F1_self_signed_tls_client_auth_and_a_token_that_is_not_bound(applicant: Applicant) -> None:
    issued = applicant.registrations.self_signed
    profile = await applicant.discovered(
        applicant.with_certificate(SELF_SIGNED_ID, SELF_SIGNED, issued, resources=(THINGS,))
    )
    granted = await applicant.granted(profile)
    assert any("not bound to the client certificate" in note for note in granted.notes)


@pytest.mark.parametrize(("client_id", "method"), [(TLS_ID, TLS), (SELF_SIGNED_ID, SELF_SIGNED)])
async def test_F2_G7_G8_a_client_by_certificate_introspects_and_revokes_at_the_aliases(
    applicant: Applicant, client_id: str, method: AuthMethod
) -> None:
    registered = applicant.registrations
    issued = registered.certified if method is TLS else registered.self_signed
    profile = await applicant.discovered(applicant.with_certificate(client_id, method, issued))
    token = (await applicant.granted(profile)).token
    inspector = applicant.engine.inspector
    assert (await inspector.introspect(profile, token)).active is True
    assert inspector.can_revoke(profile)
    assert (await inspector.revoke(profile, token)).revoked
    assert (await inspector.introspect(profile, token)).active is False


async def test_F4_private_key_jwt_with_a_certificate_gives_a_bound_token(
    applicant: Applicant, judge: Judge
) -> None:
    issued = issue("any certificate does")
    method = AuthMethod.PRIVATE_KEY_JWT
    keyed = applicant.with_key("ES256")
    tls = applicant.with_certificate(CERT_BOUND_ID, method, issued).mtls
    profile = await applicant.discovered(
        replace(keyed, client_id=CERT_BOUND_ID, mtls=tls, resources=(THINGS,))
    )
    granted = await applicant.granted(profile)
    assert verified_claims(judge, granted.token)["cnf"] == {"x5t#S256": thumbprint(issued.der())}


@pytest.mark.parametrize(
    ("client_id", "method", "reason"),
    [(TLS_ID, TLS, "was not verified"), (SELF_SIGNED_ID, SELF_SIGNED, "unregistered client certificate")],
)
async def test_F1_a_stranger_s_certificate_is_refused_and_explained(
    applicant: Applicant, client_id: str, method: AuthMethod, reason: str
) -> None:
    profile = await applicant.discovered(applicant.with_certificate(client_id, method, issue("stranger")))
    refusal, advice = await applicant.refused(profile, reason)
    assert refusal.code == "invalid_client"
    says(advice, "certificate")
    assert advice.field == "mtls"


async def test_F1_the_right_authority_but_another_subject(applicant: Applicant) -> None:
    registered = applicant.registrations
    other = issue("somebody else", issuer=registered.clients_authority)
    profile = await applicant.discovered(applicant.with_certificate(TLS_ID, TLS, other))
    refusal, advice = await applicant.refused(profile, "certificate subject value does not match")
    assert refusal.code == "invalid_client"
    says(advice, "subject")


async def test_F2_without_tls_a_certificate_is_never_seen_so_nothing_is_sent(applicant: Applicant) -> None:
    profile = applicant.with_certificate(TLS_ID, TLS, applicant.registrations.certified)
    with pytest.raises(InputProblem, match="never sent"):
        await applicant.engine.prepare(profile)


# The copied command


@pytest.mark.skipif(
    shutil.which("sh") is None or shutil.which("curl") is None,
    reason="a POSIX shell and curl run the command",
)
@pytest.mark.parametrize("method", [SECRET_JWT, TLS, SELF_SIGNED, AuthMethod.NONE])
async def test_the_copied_curl_command_gets_a_token(
    applicant: Applicant, judge: Judge, method: AuthMethod
) -> None:
    registered, target = applicant.registrations, {"resources": (OTHER,), "scope": "other:read"}
    if method is SECRET_JWT:
        profile = applicant.with_secret(jwt_id("HS256"), method, secret=LONG_SECRET, **target)
    elif method is AuthMethod.NONE:
        profile = applicant.as_nobody(PUBLIC_ID, **target)
    else:
        client_id = TLS_ID if method is TLS else SELF_SIGNED_ID
        issued = registered.certified if method is TLS else registered.self_signed
        profile = await applicant.discovered(applicant.with_certificate(client_id, method, issued, **target))
    request = await applicant.engine.prepare(profile)
    command = applicant.engine.as_curl(request)
    assertion = request.assertion.jwt.reveal() if request.assertion else ""
    assert ODD_SECRET not in command
    authority = applicant.key_folder / "authority.pem"
    variables = {
        "CLIENT_ASSERTION": assertion,
        "NO_PROXY": "127.0.0.1",
        "CURL_CA_BUNDLE": str(authority),
        "HOME": str(applicant.key_folder),
    }
    done = await asyncio.to_thread(run_shell, command, variables)
    assert json.loads(done.stdout)["scope"] == "other:read", done
    verdict = judge.verdict()
    assert (verdict.granted, verdict.method) == (True, method)

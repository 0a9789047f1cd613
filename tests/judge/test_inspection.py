"""What others' server says about a token that it issued, and whether it takes it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.finding import Verdict
from ccflow_tui.models.inspection import Introspection
from ccflow_tui.models.profile import AuthMethod, Profile
from ccflow_tui.oauth.introspection_jwt import MEDIA_TYPE
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.services.transport import HttpTransport
from tests.judge.client import Applicant
from tests.judge.registrations import BASIC_ID, JWT_ALGS, POST_ID, SIGNED_ANSWERS_ID, THINGS
from tests.support.verdicts import worst

pytestmark = pytest.mark.judge

METHODS = ["client_secret_basic", "client_secret_post", *JWT_ALGS]


async def profile_for(applicant: Applicant, method: str, *, secret: str = "") -> Profile:
    """Return the discovered profile of a client that authenticates so."""
    told = {"secret": secret} if secret else {}
    if method in JWT_ALGS:
        profile = applicant.with_key(method, scope="things:read")
    else:
        client_id = BASIC_ID if method == AuthMethod.CLIENT_SECRET_BASIC else POST_ID
        profile = applicant.with_secret(client_id, AuthMethod(method), scope="things:read", **told)
    return await applicant.discovered(profile)


@pytest.mark.parametrize("method", METHODS)
async def test_G7_G8_an_opaque_token_is_active_until_it_is_revoked(applicant: Applicant, method: str) -> None:
    profile = await profile_for(applicant, method)
    token = (await applicant.granted(profile)).token
    inspector = applicant.engine.inspector

    found = await inspector.introspect(profile, token)
    assert (found.active, found.problem) == (True, "")
    assert found.claims["client_id"].startswith("odd")  # one id holds what looks like a secret, and is masked
    assert found.claims["exp"] - found.claims["iat"] == 300

    assert inspector.can_revoke(profile)
    outcome = await inspector.revoke(profile, token)
    assert (outcome.revoked, outcome.problem) == (True, "")
    assert await inspector.introspect(profile, token) == Introspection(active=False)
    assert (await inspector.revoke(profile, token)).revoked, "an unknown token is as good as revoked"


async def test_G7_the_judges_signed_answer_is_verified(
    applicant: Applicant, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = HttpTransport.exchange

    async def asking_for_jwt(
        transport: HttpTransport, request: WireRequest, *, deadline: float
    ) -> WireResponse:
        headers = tuple((name, value if name != "Accept" else MEDIA_TYPE) for name, value in request.headers)
        return await exchange(transport, replace(request, headers=headers), deadline=deadline)

    post = AuthMethod.CLIENT_SECRET_POST
    profile = await applicant.discovered(applicant.with_secret(SIGNED_ANSWERS_ID, post, scope="things:read"))
    token = (await applicant.granted(profile)).token
    assert (await applicant.engine.inspector.introspect(profile, token)).findings == ()
    monkeypatch.setattr(HttpTransport, "exchange", asking_for_jwt)
    found = await applicant.engine.inspector.introspect(profile, token)
    assert (found.active, found.claims["client_id"]) == (True, SIGNED_ANSWERS_ID), found
    assert [finding.text for finding in found.findings] == [
        "a JWT, verified with the server's key (RS256, kid judge)."
    ]


async def test_G7_G8_a_wrong_secret_is_refused_with_a_remedy(applicant: Applicant) -> None:
    profile = await profile_for(applicant, "client_secret_basic")
    token = (await applicant.granted(profile)).token
    wrong = await profile_for(applicant, "client_secret_basic", secret="wrong-secret")
    asked = await applicant.engine.inspector.introspect(wrong, token)
    assert asked.active is None
    assert "invalid_client" in asked.problem
    assert asked.remedy
    given_back = await applicant.engine.inspector.revoke(wrong, token)
    assert not given_back.revoked
    assert "invalid_client" in given_back.problem


@pytest.mark.parametrize("method", METHODS)
async def test_G9_a_signed_token_passes_every_check(applicant: Applicant, method: str) -> None:
    profile = replace(await profile_for(applicant, method), resources=(THINGS,))
    token = (await applicant.granted(profile)).token
    found = await applicant.engine.inspector.verify(profile, token)
    assert worst(found.findings) is Verdict.GOOD, found
    assert [finding.topic for finding in found.findings][:2] == ["Signature", "RFC 9068"]
    report = applicant.engine.inspector.compare(profile, token)
    assert worst(report) is Verdict.GOOD, report


async def test_B7_a_token_for_another_resource_is_told(applicant: Applicant) -> None:
    profile = replace(await profile_for(applicant, "client_secret_post"), resources=(THINGS,))
    token = (await applicant.granted(profile)).token
    elsewhere = replace(profile, resources=("https://api.example/elsewhere",))
    assert "Audience" in {
        finding.topic
        for finding in applicant.engine.inspector.compare(elsewhere, token)
        if finding.verdict is not Verdict.GOOD
    }


async def test_G11_an_opaque_token_has_nothing_to_verify(applicant: Applicant) -> None:
    profile = await profile_for(applicant, "client_secret_post")
    token = (await applicant.granted(profile)).token
    (finding,) = (await applicant.engine.inspector.verify(profile, token)).findings
    assert (finding.verdict, "opaque" in finding.text) == (Verdict.DOUBT, True)


async def test_G7_G8_this_server_neither_vouches_for_signed_tokens_nor_takes_them_back(
    applicant: Applicant,
) -> None:
    profile = replace(await profile_for(applicant, "client_secret_post"), resources=(THINGS,))
    token = (await applicant.granted(profile)).token
    asked = await applicant.engine.inspector.introspect(profile, token)
    given_back = await applicant.engine.inspector.revoke(profile, token)
    assert (asked.active, given_back.revoked) == (None, False)
    for answer in (asked, given_back):
        assert "unsupported_token_type" in answer.problem
        assert "verified with the server's keys" in answer.remedy

"""Step 4: the report, introspection, verification, and signing out at the server, too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.services.ports import WireResponse
from tests.oauth.signed_tokens import API, CLAIMS, CLIENT, ISSUER, sign
from tests.services.inspection_bench import METADATA, Server
from tests.support.fakes import json_response
from tests.support.wizard import PROFILE as BY_HAND
from tests.support.wizard import Wizard, make_wizard
from tests.ui.drive import Driver, driving

PROFILE = Profile(
    name="default",
    endpoint_mode=EndpointMode.ISSUER,
    endpoint_source=EndpointSource.DISCOVERED,
    issuer=ISSUER,
    token_endpoint=f"{ISSUER}/token",
    api_base=f"{API}/things",
    client_id=CLIENT,
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
    scope="read",
    audience=API,
)
SIGNED = sign()
"""Issued when the test's clock starts."""


def world(tmp_path: Path, profile: Profile = PROFILE, **answers: Any) -> tuple[Wizard, Server]:
    grant = {"access_token": SIGNED, "token_type": "Bearer", "expires_in": 3600, "scope": "read"}
    server = Server(METADATA, {"token": json_response(json.dumps(grant)), **answers})
    return make_wizard(tmp_path, profiles=(profile,), transport=server), server


def panel(wizard: Driver) -> str:
    return str(wizard.token.inspection.content) if wizard.token.inspection.display else ""


async def test_the_report_is_there_without_being_asked(tmp_path: Path) -> None:
    parts, _ = world(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        assert wizard.text("#report") == "✓ In order: scope, audience, lifetime"
        assert panel(wizard) == ""


async def test_G7_introspection_shows_what_the_server_says(tmp_path: Path) -> None:
    said = {"active": True, "client_id": CLIENT, "scope": "read", "aud": [API], "exp": CLAIMS["exp"]}
    parts, server = world(tmp_path, introspect=json_response(json.dumps(said)))
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("i")
        await wizard.done()
        told = panel(wizard)
        for text in ("✓ Introspection", "is active", "client_id    client-1", f'["{API}"]', "exp is 2027-"):
            assert text in told
        assert len(server.asked("introspect")) == 1
        assert SIGNED not in parts.logger.export()


async def test_G7_a_signed_answer_is_said_to_be_verified_and_an_unlisted_method_is_told(
    tmp_path: Path,
) -> None:
    lists = {"introspection_endpoint_auth_methods_supported": ["private_key_jwt"]}
    told = {"active": True, "client_id": CLIENT}
    claims = {"iss": ISSUER, "aud": CLIENT, "iat": CLAIMS["iat"], "token_introspection": told}
    kind = "application/token-introspection+jwt"
    answer = WireResponse(200, (("content-type", kind),), sign(claims, typ=kind).encode(), CLAIMS["iat"])
    published = json_response(json.dumps(METADATA | lists))
    answers = {"introspect": answer, "oauth-authorization-server/tenant/as": published}
    parts, _ = world(tmp_path, **answers)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("i")
        await wizard.done()
        shown = panel(wizard)
        assert "✓ Answer: a JWT, verified with the server's key (RS256, kid k1)." in shown
        assert "▲ Authentication: The server does not list client_secret_basic for introspection" in shown
        assert "client_id    client-1" in shown


async def test_G7_an_inactive_token_is_red(tmp_path: Path) -> None:
    parts, _ = world(tmp_path, introspect=json_response('{"active":false}'))
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("i")
        await wizard.done()
        assert "✗ Introspection: the server says that the token is not active" in panel(wizard)


async def test_G9_verification_shows_a_line_a_check(tmp_path: Path) -> None:
    parts, _ = world(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("k")
        await wizard.done()
        told = panel(wizard)
        assert "✓ Signature: Verified with the server's key (RS256, kid k1)." in told
        for topic in ("RFC 9068", "Issuer", "Audience", "Times"):
            assert f"✓ {topic}: " in told
        assert "opaque to the client" in told  # G10


async def test_without_an_issuer_the_way_out_is_told(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.to_step(Step.TOKEN)
        for key in ("i", "k"):
            await wizard.press(key)
            await wizard.done()
            assert panel(wizard)
        await wizard.press("i")
        await wizard.done()
        assert "names no issuer" in panel(wizard)
        assert "Give an issuer in step 1." in panel(wizard)


async def test_a_new_token_clears_what_was_found_about_the_old_one(tmp_path: Path) -> None:
    parts, _ = world(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("k")
        await wizard.done()
        assert panel(wizard)
        state = wizard.app.state
        assert state.token is not None
        wizard.app.change(state.with_token(replace(state.token, scope="other"), PROFILE))
        await wizard.rest()
        assert panel(wizard) == ""
        assert "✗ Scope: not granted: read; granted: other." in wizard.text("#report")


async def test_G8_signing_out_offers_to_revoke_where_the_server_can(tmp_path: Path) -> None:
    parts, server = world(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x")
        assert "Revoke and sign out" in wizard.screen()
        assert wizard.focused == "cancel"
        await wizard.press("right", "right", "enter")
        await wizard.done()
        assert server.form("revoke")["token"] == SIGNED
        assert "Signed out. Removed: the access token at the server, the access token" in wizard.notes()
        assert wizard.app.state.token is None
        assert wizard.history()[0] == "signed out"


async def test_G8_signing_out_without_revoking_asks_nobody(tmp_path: Path) -> None:
    parts, server = world(tmp_path)
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x", "right", "enter")
        await wizard.done()
        assert server.asked("revoke") == []
        assert wizard.app.state.token is None


@pytest.mark.parametrize("status", [503, 400])
async def test_G8_a_token_that_is_not_revoked_stays(tmp_path: Path, status: int) -> None:
    parts, _ = world(tmp_path, revoke=WireResponse(status, (("retry-after", "9"),), b"", 0.0))
    async with driving(parts) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x", "right", "right", "enter")
        await wizard.done()
        assert f"Not revoked: The server answered HTTP {status}" in wizard.notes()
        assert wizard.app.state.token is not None
        assert wizard.step is Step.TOKEN


async def test_G8_where_the_server_cannot_revoke_it_is_not_offered(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(BY_HAND,))) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x")
        assert "Revoke" not in wizard.screen()

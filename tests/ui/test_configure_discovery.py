"""Step 1: discovery in the background, and the label beside the endpoint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from textual.widgets import Static

from ccflow_tui.models.flow import Step
from ccflow_tui.models.outcome import Phase
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource
from ccflow_tui.services.ports import WireResponse
from ccflow_tui.services.transport_faults import TransportFault
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.wizard import PROFILE, make_wizard
from tests.ui.drive import Driver, GatedTransport, driving

ISSUER = "https://as.example"
SEEKING = replace(
    PROFILE,
    endpoint_mode=EndpointMode.ISSUER,
    issuer="",
    token_endpoint="",
    endpoint_source=EndpointSource.NONE,
)
NOT_FOUND = json_response("{}", status=404)


def metadata(issuer: str = ISSUER, **members: object) -> WireResponse:
    return json_response(json.dumps({"issuer": issuer, "token_endpoint": f"{issuer}/oauth/token", **members}))


def label(wizard: Driver) -> str:
    return str(wizard.configure.endpoint_source.content)


async def test_leaving_the_issuer_finds_the_endpoint_in_the_background(tmp_path: Path) -> None:
    transport = GatedTransport(metadata())
    async with driving(make_wizard(tmp_path, profiles=(SEEKING,), transport=transport)) as wizard:
        await wizard.type("issuer", ISSUER)
        await wizard.leave()
        assert label(wizard) == "discovering…"
        assert "not known yet" in str(wizard.configure.reason.content)
        await wizard.type("scope", "typed meanwhile")  # the form is not frozen
        transport.gate.set()
        await wizard.done()
        profile = wizard.app.state.profile
        assert (profile.token_endpoint, profile.endpoint_source) == (
            f"{ISSUER}/oauth/token",
            EndpointSource.DISCOVERED,
        )
        assert profile.scope == "typed meanwhile"
        assert label(wizard) == "discovered"
        assert wizard.configure.endpoint.content is not None
        assert f"{ISSUER}/oauth/token" in str(wizard.configure.endpoint.content)


async def test_an_issuer_edited_meanwhile_is_not_given_the_old_endpoint(tmp_path: Path) -> None:
    transport = GatedTransport(metadata())
    seeking = replace(SEEKING, issuer=ISSUER)
    parts = make_wizard(tmp_path, profiles=(seeking,), transport=transport)
    async with driving(parts, settled=False) as wizard:
        assert label(wizard) == "discovering…"  # begun at the start, since there is an issuer
        await wizard.type("issuer", "https://other.example")
        transport.gate.set()
        await wizard.done()
        assert wizard.app.state.profile.token_endpoint == ""
        assert label(wizard) == "found from the issuer"


async def test_a_mode_changed_meanwhile_keeps_the_typed_endpoint(tmp_path: Path) -> None:
    transport = GatedTransport(metadata())
    seeking = replace(SEEKING, issuer=ISSUER)
    parts = make_wizard(tmp_path, profiles=(seeking,), transport=transport)
    async with driving(parts, settled=False) as wizard:
        wizard.field("endpoint_mode").focus()
        await wizard.press("right")
        await wizard.type("token_endpoint", "https://by.hand/token")
        transport.gate.set()
        await wizard.done()
        profile = wizard.app.state.profile
        assert (profile.token_endpoint, profile.endpoint_source) == (
            "https://by.hand/token",
            EndpointSource.TYPED,
        )


async def test_a_failure_stands_at_the_issuer_and_ctrl_g_tries_again(tmp_path: Path) -> None:
    fault = TransportFault(Phase.DNS, "name-not-found", "as.example was not found.")
    seeking = replace(SEEKING, issuer=ISSUER)
    transport = ScriptedTransport(fault, metadata())
    async with driving(make_wizard(tmp_path, profiles=(seeking,), transport=transport)) as wizard:
        assert label(wizard) == "not found"
        (problem,) = wizard.field("issuer").problems
        assert problem.problem == "as.example was not found."
        assert problem.remedy
        await wizard.press("ctrl+g")
        await wizard.done()
        assert label(wizard) == "discovered"
        assert wizard.field("issuer").problems == ()


async def test_E11_an_issuer_that_cannot_be_verified_is_told_where_it_is_mended(tmp_path: Path) -> None:
    policy = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_m2m"
    other = "https://contoso.b2clogin.com/7f3c1d2e-4a5b-4c6d-8e9f-0a1b2c3d4e5f/v2.0/"
    seeking = replace(SEEKING, issuer=f"{policy}/v2.0")
    transport = ScriptedTransport(NOT_FOUND, metadata(other))
    async with driving(make_wizard(tmp_path, profiles=(seeking,), transport=transport)) as wizard:
        (problem,) = wizard.field("endpoint_mode").problems
        assert problem.kind == "b2c-policy"
        assert f"{policy}/oauth2/v2.0/token" in problem.remedy
        assert wizard.app.state.profile.token_endpoint == ""
        wizard.field("endpoint_mode").focus()
        await wizard.press("right")
        await wizard.type("token_endpoint", f"{policy}/oauth2/v2.0/token")
        assert wizard.field("endpoint_mode").problems == ()


async def test_ctrl_j_begins_discovery_and_shows_what_is_missing(tmp_path: Path) -> None:
    transport = ScriptedTransport(NOT_FOUND, NOT_FOUND, NOT_FOUND, metadata())
    seeking = replace(SEEKING, issuer=ISSUER, client_id="")
    async with driving(make_wizard(tmp_path, profiles=(seeking,), transport=transport)) as wizard:
        assert wizard.field("issuer").problems
        asked = len(transport.requests)
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.CONFIGURE
        assert wizard.focused == "issuer"
        assert len(transport.requests) > asked


async def test_warnings_of_the_metadata_are_told(tmp_path: Path) -> None:
    seeking = replace(SEEKING, issuer=ISSUER)
    answer = metadata(jwks_uri="http://as.example/jwks")
    wizard_parts = make_wizard(tmp_path, profiles=(seeking,), transport=ScriptedTransport(answer))
    async with driving(wizard_parts) as wizard:
        assert label(wizard) == "discovered"
        assert "Discovery: " in wizard.notes()
        assert "jwks_uri in the metadata was ignored" in wizard.notes()


async def test_the_address_of_the_metadata_becomes_the_issuer(tmp_path: Path) -> None:
    """A7: the audience of an assertion is the verified issuer, not the address it was read from."""
    async with driving(
        make_wizard(tmp_path, profiles=(SEEKING,), transport=ScriptedTransport(metadata()))
    ) as wizard:
        await wizard.type("issuer", f"{ISSUER}/.well-known/openid-configuration")
        await wizard.leave()
        await wizard.done()
        assert wizard.app.state.profile.issuer == ISSUER
        assert wizard.input("issuer").value == ISSUER


async def test_discovery_says_what_it_needs(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.press("ctrl+g")
        assert "typed by hand" in wizard.notes()
        wizard.field("endpoint_mode").focus()
        await wizard.press("left")
        await wizard.press("ctrl+g")
        assert "Give an issuer or an environment first." in wizard.notes()


async def test_a_discovered_preset_keeps_its_label_through_other_edits(tmp_path: Path) -> None:
    environment = "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"
    issuer = f"https://auth.pingone.com/{environment}/as"
    preset = replace(
        PROFILE,
        endpoint_mode=EndpointMode.PRESET,
        environment_id=environment,
        auth_method=AuthMethod.CLIENT_SECRET_POST,
    )
    answer = json_response(json.dumps({"issuer": issuer, "token_endpoint": f"{issuer}/token"}))
    async with driving(
        make_wizard(tmp_path, profiles=(preset,), transport=ScriptedTransport(answer))
    ) as wizard:
        assert label(wizard) == "derived"
        await wizard.press("ctrl+g")
        await wizard.done()
        assert label(wizard) == "discovered"
        await wizard.type("scope", "other")
        assert label(wizard) == "discovered"
        wizard.field("region").focus()
        await wizard.press("right")
        assert label(wizard) == "derived"


def log_lines(wizard: Driver) -> str:
    return "\n".join(entry.line() for entry in wizard.wizard.logger.entries())


async def test_E3_every_attempt_is_in_the_log(tmp_path: Path) -> None:
    transport = ScriptedTransport(NOT_FOUND, metadata())
    parts = make_wizard(tmp_path, profiles=(replace(SEEKING, issuer=ISSUER),), transport=transport)
    async with driving(parts) as wizard:
        await wizard.done()
        lines = log_lines(wizard)
        assert f"discovery {ISSUER}/.well-known/oauth-authorization-server: 404" in lines
        assert f"discovery {ISSUER}/.well-known/openid-configuration: 200" in lines


async def test_E12_the_discover_key_asks_again(tmp_path: Path) -> None:
    transport = ScriptedTransport(metadata(), metadata(grant_types_supported=["implicit"]))
    parts = make_wizard(tmp_path, profiles=(replace(SEEKING, issuer=ISSUER),), transport=transport)
    async with driving(parts) as wizard:
        await wizard.done()
        assert wizard.field("issuer").problems == ()
        await wizard.press("ctrl+g")
        await wizard.done()
        assert len(transport.requests) == 2
        assert "does not list client_credentials" in wizard.field("issuer").problems[0].problem


async def test_E8_E10_what_the_server_does_not_list_is_told_and_stops_nothing(tmp_path: Path) -> None:
    lists = metadata(
        token_endpoint_auth_methods_supported=["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported=["ES256", "PS256"],
    )
    parts = make_wizard(
        tmp_path, profiles=(replace(SEEKING, issuer=ISSUER),), transport=ScriptedTransport(lists)
    )
    async with driving(parts) as wizard:
        await wizard.done()
        note = wizard.configure.query_one("#method-note", Static)
        assert note.display
        assert "does not list client_secret_basic; it lists private_key_jwt" in str(note.content)
        assert str(wizard.configure.reason.content) == ""
        wizard.configure.picker.focus()
        await wizard.press(*["up"] * 4, "enter")
        assert wizard.app.state.profile.auth_method is AuthMethod.PRIVATE_KEY_JWT
        assert not note.display
        # RS256 is chosen and not listed; the others that are not listed are not offered.
        algorithm = wizard.field("assertion_alg")
        algorithm.focus()
        await wizard.press("tab")
        assert "does not list RS256; it lists ES256, PS256" in algorithm.problems[0].problem
        algorithm.focus()
        chosen = []
        for _ in range(3):
            await wizard.press("right")
            chosen.append(wizard.app.state.profile.assertion_alg)
        assert chosen == ["ES256", "PS256", "ES256"]
        assert algorithm.problems == ()


async def test_D14_only_the_dpop_algorithms_that_the_server_lists_are_offered(tmp_path: Path) -> None:
    lists = metadata(dpop_signing_alg_values_supported=["EdDSA", "PS256"])
    seeking = replace(SEEKING, issuer=ISSUER, dpop=True)
    async with driving(
        make_wizard(tmp_path, profiles=(seeking,), transport=ScriptedTransport(lists))
    ) as wizard:
        await wizard.done()
        algorithm = wizard.field("dpop_alg")
        assert "does not list ES256; it lists EdDSA, PS256" in algorithm.problems[0].problem
        assert algorithm.display, "unfolded, since something is to be said about it"
        wizard.configure.focus_field("dpop_alg")
        chosen = []
        for _ in range(3):
            await wizard.press("right")
            chosen.append(wizard.app.state.profile.dpop_alg)
        assert chosen == ["PS256", "EdDSA", "PS256"]
        assert algorithm.problems == ()


async def test_E8_a_server_without_a_list_has_client_secret_basic_assumed(tmp_path: Path) -> None:
    seeking = replace(SEEKING, issuer=ISSUER, auth_method=AuthMethod.CLIENT_SECRET_POST)
    parts = make_wizard(tmp_path, profiles=(seeking,), transport=ScriptedTransport(metadata()))
    async with driving(parts) as wizard:
        await wizard.done()
        note = wizard.configure.query_one("#method-note", Static)
        assert "client_secret_basic is assumed" in str(note.content)
        wizard.configure.picker.focus()
        await wizard.press("up", "enter")
        assert wizard.app.state.profile.auth_method is AuthMethod.CLIENT_SECRET_BASIC
        assert not note.display


async def test_a_finding_about_issuer_and_endpoint_is_shown_once(tmp_path: Path) -> None:
    local = "http://127.0.0.1:9/as"
    seeking = replace(SEEKING, issuer=local, client_id="")
    parts = make_wizard(tmp_path, profiles=(seeking,), transport=ScriptedTransport(metadata(local)))
    async with driving(parts) as wizard:
        assert wizard.app.state.profile.token_endpoint == f"{local}/oauth/token"
        wizard.field("scope").focus()
        await wizard.rest()
        await wizard.press("ctrl+j")
        assert [str(problem)[:10] for problem in wizard.field("issuer").problems] == ["Plain http"]

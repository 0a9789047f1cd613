"""Step 1: the provider choice, the inputs it asks for, and addresses that are recognised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import (
    AssertionAudience,
    AuthMethod,
    EndpointMode,
    EndpointSource,
    Profile,
    Provider,
)
from ccflow_tui.models.provider_forms import OFFERED, PROVIDER_FORMS
from ccflow_tui.screens.configure_edits import Edits
from ccflow_tui.screens.configure_form import SLOTS, slot_inputs
from ccflow_tui.widgets.field import Field
from tests.support.wizard import PROFILE, make_wizard
from tests.ui.drive import Driver, driving

ENVIRONMENT = "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"
PINGONE = replace(
    PROFILE, endpoint_mode=EndpointMode.PRESET, environment_id=ENVIRONMENT, region="eu", token_endpoint=""
)
AUTH0 = replace(
    PINGONE,
    provider=Provider.AUTH0,
    environment_id="",
    provider_inputs=(("domain", "acme.eu.auth0.com"),),
    audience="https://api.example",
)


async def choose(wizard: Driver, provider: Provider) -> None:
    """Step through the choice until the provider is shown."""
    wizard.field("provider").focus()
    values = [value for value, _ in OFFERED]
    await wizard.press("home", *["right"] * values.index(provider))
    assert wizard.app.state.profile.provider is provider


def slot(wizard: Driver, number: int) -> Field:
    return wizard.configure.query_one(f"#field-provider_input_{number}", Field)


async def fill(wizard: Driver, number: int, text: str) -> None:
    slot(wizard, number).query_one(Input).value = text
    await wizard.rest()


def test_there_is_a_slot_for_every_input() -> None:
    most = max(len(slot_inputs(Profile(provider=provider))) for provider in Provider)
    assert most == len(SLOTS)


async def test_a_provider_asks_for_its_own_inputs(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PINGONE,))) as wizard:
        assert {"environment_id", "region"} <= wizard.shown()
        for provider, form in PROVIDER_FORMS.items():
            if provider is Provider.GENERIC:
                continue
            await choose(wizard, provider)
            inputs = {item.field for item in form.inputs}
            shown = {name for name in wizard.shown() if name in {"environment_id", "region"} or "." in name}
            assert shown == inputs
            screen = wizard.screen()
            assert all(item.label in screen for item in form.inputs), provider


async def test_the_inputs_make_the_endpoint(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PINGONE,))) as wizard:
        await choose(wizard, Provider.KEYCLOAK)
        assert wizard.app.state.profile.token_endpoint == ""
        await fill(wizard, 1, "https://sso.example.com")
        await fill(wizard, 2, "dev")
        profile = wizard.app.state.profile
        assert profile.provider_inputs == (("base_url", "https://sso.example.com"), ("realm", "dev"))
        assert profile.token_endpoint == "https://sso.example.com/realms/dev/protocol/openid-connect/token"
        assert profile.endpoint_source is EndpointSource.DERIVED
        assert "sso.example.com" in str(wizard.configure.endpoint.content)
        await fill(wizard, 2, "")
        assert wizard.app.state.profile.token_endpoint == ""
        assert "Realm is required." in str(wizard.configure.reason.content)


async def test_a_bad_input_is_told_at_its_field_and_next_goes_there(tmp_path: Path) -> None:
    profile = replace(AUTH0, provider_inputs=(("domain", "not a host"),))
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as wizard:
        slot(wizard, 1).focus()
        await wizard.leave()
        assert slot(wizard, 1).problems[0].problem == "Domain must be a host name."
        wizard.configure.query_one("#next").focus()
        await wizard.press("ctrl+j")
        assert wizard.step is Step.CONFIGURE
        assert wizard.app.focused is slot(wizard, 1).control
        await fill(wizard, 1, "acme.eu.auth0.com")
        assert slot(wizard, 1).problems == ()


async def test_a_profile_of_another_provider_is_shown_as_it_is(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(AUTH0,))) as wizard:
        assert slot(wizard, 1).query_one(Input).value == "acme.eu.auth0.com"
        assert not slot(wizard, 2).display
        assert "AUTH0" in wizard.screen()
        assert wizard.app.state.profile.token_endpoint == "https://acme.eu.auth0.com/oauth/token"
        await wizard.press("ctrl+j")
        await wizard.done()
        assert wizard.step is Step.BUILD


async def test_the_note_of_the_provider_is_its_hint(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PINGONE,))) as wizard:
        await choose(wizard, Provider.ENTRA)
        assert "followed by /.default" in wizard.screen()
        await choose(wizard, Provider.KEYCLOAK)
        assert "service account roles" in wizard.screen()


async def test_where_the_public_key_is_registered_is_a_hint_at_the_private_key(tmp_path: Path) -> None:
    profile = replace(AUTH0, auth_method=AuthMethod.PRIVATE_KEY_JWT)
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as wizard:
        wizard.field("key_reference").focus()
        await wizard.rest()
        assert "Its public half is registered in Auth0's" in wizard.screen()
        await choose(wizard, Provider.COGNITO)
        wizard.field("key_reference").focus()
        await wizard.rest()
        assert "public half is" not in wizard.screen()


@pytest.mark.parametrize(
    ("text", "provider", "endpoint"),
    [
        (
            "https://acme.okta.com/oauth2/aus1/.well-known/openid-configuration",
            Provider.OKTA_CUSTOM,
            "https://acme.okta.com/oauth2/aus1/v1/token",
        ),
        (
            "https://sso.example.com/realms/dev",
            Provider.KEYCLOAK,
            "https://sso.example.com/realms/dev/protocol/openid-connect/token",
        ),
        (
            f"https://auth.pingone.ca/{ENVIRONMENT}/as",
            Provider.PINGONE,
            f"https://auth.pingone.ca/{ENVIRONMENT}/as/token",
        ),
    ],
)
async def test_a_pasted_address_chooses_the_provider(
    tmp_path: Path, text: str, provider: Provider, endpoint: str
) -> None:
    empty = replace(AUTH0, provider_inputs=())
    async with driving(make_wizard(tmp_path, profiles=(empty,))) as wizard:
        slot(wizard, 1).focus()
        await fill(wizard, 1, text)
        await wizard.leave()
        profile = wizard.app.state.profile
        assert (profile.provider, profile.token_endpoint) == (provider, endpoint)
        assert f"an address of {PROVIDER_FORMS[provider].label}" in wizard.notes()


EDITS = Edits(lambda profile: profile)


def test_a_provider_starts_with_its_own_values_unless_they_were_chosen() -> None:
    plain = Profile()
    entra = EDITS.apply(plain, {"provider": Provider.ENTRA})
    assert (entra.auth_method, entra.assertion_alg) == (AuthMethod.CLIENT_SECRET_POST, "PS256")
    assert entra.assertion_audience == AssertionAudience.TOKEN_ENDPOINT
    back = EDITS.apply(entra, {"provider": Provider.PINGONE})
    assert (back.auth_method, back.assertion_alg) == (plain.auth_method, plain.assertion_alg)
    chosen = replace(plain, auth_method=AuthMethod.CLIENT_SECRET_BASIC, assertion_alg="ES256")
    kept = EDITS.apply(chosen, {"provider": Provider.ENTRA})
    assert (kept.auth_method, kept.assertion_alg) == (AuthMethod.CLIENT_SECRET_BASIC, "ES256")


def test_trying_another_provider_loses_nothing_and_mixes_nothing() -> None:
    edits = Edits(lambda profile: profile)
    first = replace(
        AUTH0, api_base="https://api.example", token_endpoint="https://acme.eu.auth0.com/oauth/token"
    )
    other = edits.apply(first, {"provider": Provider.OKTA_ORG})
    assert (other.provider_inputs, other.api_base, other.token_endpoint) == ((), "", "")
    typed = edits.apply(other, {"provider_inputs.domain": "acme.okta.com"})
    assert typed.provider_inputs == (("domain", "acme.okta.com"),)
    back = edits.apply(typed, {"provider": Provider.AUTH0})
    assert (back.provider_inputs, back.api_base) == (first.provider_inputs, first.api_base)
    again = edits.apply(back, {"provider": Provider.OKTA_ORG})
    assert again.provider_inputs == typed.provider_inputs


async def test_the_choice_works_in_a_small_terminal(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PINGONE,)), size=(60, 18)) as wizard:
        await choose(wizard, Provider.COGNITO)
        await fill(wizard, 1, "shop.auth.eu-west-1.amazoncognito.com")
        await fill(wizard, 2, "eu-west-1_AbCdEf123")
        slot(wizard, 1).focus()
        await wizard.rest()
        screen = wizard.screen()
        assert "Domain" in screen and "shop.auth." in screen
        assert wizard.app.state.profile.issuer.endswith("/eu-west-1_AbCdEf123")

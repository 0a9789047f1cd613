"""Step 1: fields, inline validation, and why Next is off."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.models.flow import Step
from ccflow_tui.models.problems import InputProblem, Severity
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.screens.configure import ConfigureScreen
from ccflow_tui.screens.configure_edits import Edits
from ccflow_tui.screens.configure_form import visible_fields
from ccflow_tui.widgets.choice import ChoiceLine
from ccflow_tui.widgets.history_pane import HistoryPane
from tests.support.fakes import ScriptedTransport
from tests.support.wizard import PROFILE, make_wizard
from tests.ui.drive import driving
from tests.ui.scenes import until

ENVIRONMENT = "3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"
ALWAYS = {"endpoint_mode", "client_id", "scope", "audience", "resources"}
FOLDED = {
    "authorization_details",
    "extra_parameters",
    "dpop",
    "proactive_refresh_seconds",
    "production",
    "note",
}
PRESET = Profile(
    endpoint_mode=EndpointMode.PRESET,
    environment_id=ENVIRONMENT,
    region="eu",
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
)


@pytest.mark.parametrize(
    ("mode", "target"),
    [
        (EndpointMode.PRESET, {"provider", "environment_id", "region"}),
        (EndpointMode.ISSUER, {"issuer", "api_base"}),
        (EndpointMode.MANUAL, {"token_endpoint", "api_base"}),
    ],
)
@pytest.mark.parametrize(
    ("method", "credential"),
    [
        (
            AuthMethod.CLIENT_SECRET_BASIC,
            {"client_secret", "secret_reference", "basic_encoding", "mtls_enabled"},
        ),
        (AuthMethod.CLIENT_SECRET_POST, {"client_secret", "secret_reference", "mtls_enabled"}),
        (
            AuthMethod.PRIVATE_KEY_JWT,
            {
                "key_reference",
                "assertion_alg",
                "assertion_kid",
                "assertion_audience",
                "assertion_certificate",
                "mtls_enabled",
            },
        ),
        (
            AuthMethod.CLIENT_SECRET_JWT,
            {"client_secret", "secret_reference", "assertion_alg", "assertion_audience", "mtls_enabled"},
        ),
        (AuthMethod.TLS_CLIENT_AUTH, {"mtls_cert_ref", "mtls_key_ref"}),
        (AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH, {"mtls_cert_ref", "mtls_key_ref"}),
        (AuthMethod.NONE, {"mtls_enabled"}),
    ],
)
def test_only_the_fields_of_method_and_mode_are_needed(
    mode: EndpointMode, target: set[str], method: AuthMethod, credential: set[str]
) -> None:
    profile = replace(PROFILE, endpoint_mode=mode, auth_method=method)
    assert visible_fields(profile) == ALWAYS | FOLDED | {"auth_method"} | target | credential


async def test_the_method_picker_changes_the_fields(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        assert wizard.shown() == ALWAYS | {"token_endpoint", "api_base", "client_secret", "basic_encoding"}
        wizard.configure.picker.focus()
        await wizard.press("up")
        assert wizard.app.state.profile.auth_method is AuthMethod.CLIENT_SECRET_JWT
        assert wizard.app.state.profile.assertion_alg == "HS256", "a private key's algorithm would not fit"
        signed = {"client_secret", "assertion_alg", "assertion_audience"}
        assert wizard.shown() == ALWAYS | {"token_endpoint", "api_base"} | signed
        assert "HS256" in wizard.screen()
        await wizard.press("up", "up", "up", "enter")
        assert wizard.app.state.profile.auth_method is AuthMethod.PRIVATE_KEY_JWT
        assert wizard.app.state.profile.assertion_alg == PROFILE.assertion_alg, "as it was before"
        keyed = {"key_reference", "assertion_alg", "assertion_kid", "assertion_audience"}
        assert wizard.shown() == ALWAYS | {"token_endpoint", "api_base"} | keyed
        screen = wizard.screen()
        assert "private_key_jwt" in screen
        assert "Highest · preferred" in screen


async def test_a_field_is_checked_when_it_is_left(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.type("token_endpoint", "http://as.example/token")
        assert wizard.field("token_endpoint").problems == ()
        await wizard.leave()
        (problem,) = wizard.field("token_endpoint").problems
        assert problem.field == "token_endpoint"
        assert problem.remedy
        assert problem.problem[:30] in wizard.screen()


async def test_a_shown_problem_goes_while_it_is_mended(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.type("client_id", "")
        await wizard.leave()
        assert wizard.field("client_id").problems[0].problem == "Client ID is required."
        await wizard.type("client_id", "client-two")
        assert wizard.field("client_id").problems == ()


async def test_next_says_why_it_is_off(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        assert str(wizard.configure.reason.content) == ""
        await wizard.type("client_id", "")
        assert str(wizard.configure.reason.content) == "Next is off: Client ID is required."
        assert wizard.configure.query_one("#next").has_class("-off")


@pytest.mark.parametrize(
    ("width", "told"), [(80, "Next is off: Client ID"), (60, "› ✗ Client ID is required.")]
)
async def test_why_next_is_off_is_never_cut_for_its_opening_words(
    tmp_path: Path, width: int, told: str
) -> None:
    async with driving(make_wizard(tmp_path), size=(width, 18)) as wizard:
        await wizard.type("client_id", "")
        await until(wizard.pilot, lambda: told in " ".join(wizard.screen().split()))


async def test_next_with_errors_shows_all_and_focuses_the_first(tmp_path: Path) -> None:
    bad = replace(PROFILE, client_id="", token_endpoint="nonsense", resources=("not a uri",))
    async with driving(make_wizard(tmp_path, profiles=(bad,), secret=None)) as wizard:
        wizard.configure.query_one("#next").focus()
        await wizard.press("ctrl+j")
        assert wizard.step is Step.CONFIGURE
        assert wizard.focused == "token_endpoint"
        for name in ("token_endpoint", "client_id", "client_secret", "resources"):
            assert wizard.field(name).problems, name


async def test_an_error_without_a_field_is_told(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        wizard.configure.tell_problem(InputProblem("server", "It lists nothing.", "Ask its operator."))
        assert "server: It lists nothing. Ask its operator." in wizard.notes()


async def test_the_start_focuses_the_first_gap_or_next(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(replace(PROFILE, client_id=""),))) as wizard:
        assert wizard.focused == "client_id"
    async with driving(make_wizard(tmp_path)) as wizard:
        assert wizard.focused == "next"


async def test_a_pasted_pingone_address_fills_environment_and_region(tmp_path: Path) -> None:
    empty = replace(PRESET, environment_id="", region="us")
    async with driving(make_wizard(tmp_path, profiles=(empty,))) as wizard:
        await wizard.type("environment_id", f"https://auth.pingone.ca/{ENVIRONMENT}/as/authorize")
        profile = wizard.app.state.profile
        assert (profile.environment_id, profile.region) == (ENVIRONMENT, "ca")
        assert wizard.input("environment_id").value == ENVIRONMENT
        assert profile.token_endpoint == f"https://auth.pingone.ca/{ENVIRONMENT}/as/token"
        assert profile.api_base == f"https://api.pingone.ca/v1/environments/{ENVIRONMENT}"
        assert str(wizard.configure.endpoint_source.content) == "derived"


async def test_the_region_moves_the_endpoint(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PRESET,))) as wizard:
        wizard.field("region").focus()
        await wizard.press("right")
        assert wizard.app.state.profile.region == "ca"
        assert wizard.app.state.profile.token_endpoint.startswith("https://auth.pingone.ca/")
        # The secret was entered for the other region's server and is not sent to this one.
        assert "client secret" in str(wizard.configure.reason.content).lower()


async def test_trying_another_mode_loses_nothing(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        wizard.field("endpoint_mode").focus()
        await wizard.press("right")
        assert wizard.app.state.profile.endpoint_mode is EndpointMode.PRESET
        assert wizard.app.state.profile.token_endpoint == ""
        await wizard.press("right", "right")
        profile = wizard.app.state.profile
        assert (profile.endpoint_mode, profile.token_endpoint) == (
            EndpointMode.MANUAL,
            PROFILE.token_endpoint,
        )
        assert wizard.input("token_endpoint").value == PROFILE.token_endpoint
        assert profile.api_base == PROFILE.api_base
        assert str(wizard.configure.reason.content) == ""


async def test_every_choice_reaches_the_profile(tmp_path: Path) -> None:
    profile = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY")
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as wizard:
        for name, value in (("assertion_alg", "ES256"), ("assertion_audience", "issuer")):
            wizard.field(name).query_one(ChoiceLine).focus()
            await wizard.press("right")
            assert getattr(wizard.app.state.profile, name) == value
        await wizard.type("resources", "https://a.example  https://b.example")
        await wizard.type("scope", "one two ")
        await wizard.type("authorization_details", ' [{"type": "a"}] ')
        await wizard.type("extra_parameters", "tenant=t&acr_values=1%202")
        assert wizard.app.state.profile.resources == ("https://a.example", "https://b.example")
        assert wizard.app.state.profile.scope == "one two "
        assert wizard.app.state.profile.authorization_details == '[{"type": "a"}]'
        assert wizard.app.state.profile.extra_parameters == (("tenant", "t"), ("acr_values", "1 2"))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("authorization_details", "{}", "not an array"),
        ("extra_parameters", "scope=x", "sets scope itself"),
        ("extra_parameters", "password=x", "carry a secret"),
    ],
)
async def test_A10_G2_a_bad_target_is_told_at_its_field(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.type(name, text)
        await wizard.leave()
        assert words in wizard.field(name).problems[0].problem
        assert words in str(wizard.configure.reason.content)


async def test_the_api_to_call_is_entered_checked_and_called(tmp_path: Path) -> None:
    parts = make_wizard(tmp_path, profiles=(replace(PROFILE, api_base=""),))
    async with driving(parts) as wizard:
        assert wizard.input("api_base").value == ""
        await wizard.type("api_base", "http://api.example/v1")
        await wizard.leave()
        (problem,) = wizard.field("api_base").problems
        assert problem.severity is Severity.WARNING
        assert "https" in problem.remedy
        assert str(wizard.configure.reason.content) == ""  # a token can be had without it
        await wizard.type("api_base", "https://api.example/v1/me")
        await wizard.leave()
        assert wizard.field("api_base").problems == ()
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        assert "https://api.example/v1/me" in wizard.text("#answer")
        assert isinstance(parts.transport, ScriptedTransport)
        assert parts.transport.requests[-1].url == "https://api.example/v1/me"


async def test_without_an_api_the_way_to_name_one_is_told(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(replace(PROFILE, api_base=""),))) as wizard:
        await wizard.to_step(Step.TOKEN)
        await wizard.press("a")
        await wizard.done()
        assert "No API to call is named." in wizard.text("#answer")
        assert "step 1" in wizard.text("#answer")


async def test_a_saved_api_comes_back_and_a_preset_hides_its_own(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        await wizard.type("api_base", "https://api.example/kept")
        await wizard.press("ctrl+s")
        await wizard.done()
        kept = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))["profiles"]["default"]
        assert kept["api_base"] == "https://api.example/kept"
    async with driving(make_wizard(tmp_path, profiles=(PRESET,))) as wizard:
        assert "api_base" not in wizard.shown()
        assert wizard.app.state.profile.api_base.startswith("https://api.pingone.eu/")


async def test_the_form_is_completed_once_however_many_ask_for_it_meanwhile(tmp_path: Path) -> None:
    """As when the key of a step is pressed in the first moments, while the fields are being mounted."""
    async with driving(make_wizard(tmp_path)) as wizard:
        fresh = ConfigureScreen(wizard.app.desk, PROFILE, {})
        await wizard.app.push_screen(fresh)
        first = asyncio.create_task(fresh.complete())
        await asyncio.sleep(0)
        await fresh.complete()
        assert first.done(), "the second to ask did not wait for the fields"
        assert len(fresh.query("#field-client_secret")) == len(fresh.query(HistoryPane)) == 1


async def test_focus_field_follows_the_error_card(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PRESET,))) as wizard:
        for name, focused in (
            ("scope", "scope"),
            ("auth_method", "field-auth_method"),
            ("token_endpoint", "environment_id"),  # the hidden field's stand-in
        ):
            wizard.configure.focus_field(name)
            await wizard.rest()
            assert wizard.focused == focused
        wizard.configure.focus_field("mtls")
        await wizard.rest()
        assert wizard.focused == "mtls_enabled", "it stands folded away until then"
        wizard.configure.focus_field("proactive_refresh_seconds")
        assert wizard.focused == "mtls_enabled"


def test_a_presets_api_does_not_follow_to_another_server() -> None:
    edits = Edits(lambda profile: profile)
    preset = replace(PRESET, api_base="https://api.pingone.eu/v1", token_endpoint="https://a.example/token")
    manual = edits.apply(preset, {"endpoint_mode": EndpointMode.MANUAL})
    assert manual.api_base == ""
    assert (manual.token_endpoint, manual.endpoint_source) == (
        "https://a.example/token",
        EndpointSource.TYPED,
    )
    back = edits.apply(manual, {"endpoint_mode": EndpointMode.PRESET})
    assert back.api_base == preset.api_base
    edits.forget()
    assert edits.apply(back, {"endpoint_mode": EndpointMode.MANUAL}).api_base == ""


def test_an_endpoint_does_not_outlive_its_issuer() -> None:
    found = replace(
        PROFILE,
        endpoint_mode=EndpointMode.ISSUER,
        issuer="https://a.example",
        endpoint_source=EndpointSource.DISCOVERED,
    )
    edits = Edits(lambda profile: profile)
    assert edits.apply(found, {"scope": "x"}).endpoint_source is EndpointSource.DISCOVERED
    other = edits.apply(found, {"issuer": "https://b.example"})
    assert (other.token_endpoint, other.endpoint_source) == ("", EndpointSource.NONE)


async def test_an_arrow_key_picks_a_method_and_tab_keeps_it(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path)) as wizard:
        wizard.configure.picker.focus()
        await wizard.press("down", "tab")
        assert wizard.app.state.profile.auth_method is AuthMethod.CLIENT_SECRET_POST
        assert "basic_encoding" not in wizard.shown()


async def test_until_there_is_a_token_endpoint_its_row_says_where_it_will_come_from(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(replace(PRESET, environment_id=""),))) as wizard:
        assert "follows from the fields above" in wizard.screen()
        await wizard.type("environment_id", ENVIRONMENT)
        assert "follows from the fields above" not in wizard.screen()
        assert "derived" in wizard.screen()


async def test_at_80x24_every_field_up_to_resource_stands_on_the_first_page(tmp_path: Path) -> None:
    signed = replace(PRESET, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="env:KEY")
    async with driving(make_wizard(tmp_path, profiles=(signed,)), size=(80, 24)) as wizard:
        screen = wizard.screen()
        for words in ("Highest · preferred", "Private key *", "Algorithm", "Scope", "Audience", "Resource"):
            assert words in screen, words
        assert "Token endpoint      https://auth.pingone.eu/3f2a1b4c" in screen
        wizard.configure.picker.focus()
        await wizard.pilot.resize_terminal(80, 40)
        await wizard.rest()
        assert "Certificate of an authority" not in wizard.screen()
        assert wizard.configure.picker.size.height == 8, "there is room for a row each"


async def test_at_60x18_the_credential_stands_on_the_first_page(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, profiles=(PRESET,)), size=(60, 18)) as wizard:
        assert "Medium: Secret in the request body" in wizard.screen()
        assert "Client secret *" in wizard.screen()

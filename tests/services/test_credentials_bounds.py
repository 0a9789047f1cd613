"""A secret of the environment or of ``.env`` goes only where its own source points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import (
    AuthMethod,
    EndpointConsent,
    EndpointMode,
    EndpointSource,
    Profile,
    Provider,
)
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.providers import derive
from ccflow_tui.services.credential_names import client_secret_name
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.ports import Credential
from ccflow_tui.services.secret_bounds import SecretSource, refusal
from tests.support.fakes import DictStore

CANARY = "CANARY-secret"
SECRET = {"CCFLOW_CLIENT_SECRET": CANARY}
ENVIRONMENT_ID = "0b1d6f80-29dc-4b7e-8dd7-8a4b2b0c6c11"
OTHER_ID = "aaaaaaaa-29dc-4b7e-8dd7-8a4b2b0c6c11"
PROFILE = Profile(
    name="dev",
    endpoint_mode=EndpointMode.MANUAL,
    client_id="abc",
    token_endpoint="https://as.example/token",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
)
ISSUED = replace(PROFILE, endpoint_mode=EndpointMode.ISSUER, issuer="https://as.example/t", token_endpoint="")
DISCOVERED = replace(
    ISSUED, token_endpoint="https://as.example/t/token", endpoint_source=EndpointSource.DISCOVERED
)
PINGONE = derive(
    replace(
        PROFILE,
        endpoint_mode=EndpointMode.PRESET,
        environment_id=ENVIRONMENT_ID,
        region="eu",
        token_endpoint="",
    )
)
TENANT = "8f1c2d3e-4b5a-4c6d-8e7f-901a2b3c4d5e"
ENTRA = derive(
    replace(
        PROFILE,
        endpoint_mode=EndpointMode.PRESET,
        provider=Provider.ENTRA,
        provider_inputs=(("tenant", TENANT),),
        token_endpoint="",
    )
)
ENTRA_NAMED = {"CCFLOW_PROVIDER": "Entra", "CCFLOW_PROVIDER_INPUTS": f"tenant={TENANT}"}
ENDPOINT = {"CCFLOW_TOKEN_ENDPOINT": "https://AS.example:443/other"}
ISSUER = {"CCFLOW_ISSUER": "https://as.example/t"}
ENVIRONMENT = {"CCFLOW_ENVIRONMENT_ID": ENVIRONMENT_ID.upper(), "CCFLOW_REGION": "EU"}
OPT_IN = {"CCFLOW_SECRET_ORIGIN": "https://as.example"}
ALLOWED = {"CCFLOW_ALLOW_ENDPOINT": "https://as.example"}
ELSEWHERE = {"CCFLOW_TOKEN_ENDPOINT": "https://other.example/token"}

Variable = Mapping[str, str]


def source(
    environment: Variable | None = None,
    env_file: Variable | None = None,
    *,
    trusted: Callable[[str], Profile | None] = lambda _: None,
    warnings: list[str] | None = None,
    store: DictStore | None = None,
) -> CredentialSource:
    variables = Variables(environment or {}, env_file or {})
    warn = (warnings if warnings is not None else []).append
    return CredentialSource(store or DictStore(), variables, warn, trusted)


async def problem_of(found: CredentialSource, profile: Profile) -> InputProblem:
    with pytest.raises(InputProblem) as caught:
        await found.credential(profile)
    assert caught.value.finding.field == "client_secret"
    assert caught.value.finding.remedy
    assert "CANARY" not in str(caught.value)
    return caught.value


async def test_E7_a_typed_secret_is_not_bound_to_a_server_that_is_yet_to_be_confirmed() -> None:
    away = replace(DISCOVERED, token_endpoint="https://tokens.example/token")
    found = source()
    found.remember(ISSUED, Secret(CANARY))
    for profile in (away, DISCOVERED):  # after the first one it is still free
        assert (await found.credential(profile)).secret == Secret(CANARY)
    found.remember(ISSUED, Secret(CANARY))
    confirmed = EndpointConsent(ISSUED.issuer, "https://tokens.example")
    await found.credential(replace(away, endpoint_consent=confirmed))
    assert "https://tokens.example" in str(await problem_of(found, DISCOVERED))


@pytest.mark.parametrize(
    ("profile", "named"),
    [
        (PROFILE, ENDPOINT),
        (ISSUED, ISSUER),
        (DISCOVERED, ISSUER),
        (DISCOVERED, ENDPOINT),
        (PINGONE, ENVIRONMENT),
        (ENTRA, ENTRA_NAMED),
        (PROFILE, OPT_IN),
        (PROFILE, {"CCFLOW_SECRET_ORIGIN": " https://AS.example:443/ "}),
        (DISCOVERED, {"CCFLOW_ISSUER": "https://accounts.example", **OPT_IN}),
        (DISCOVERED, {"CCFLOW_ISSUER": "https://accounts.example", **ALLOWED}),
        (PROFILE, {**ENDPOINT, "CCFLOW_PROFILE": "dev", "CCFLOW_CLIENT_ID": " abc "}),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
async def test_a_source_that_names_the_server_gives_its_secret(
    place: str, profile: Profile, named: Variable
) -> None:
    variables = {**SECRET, **named}
    found = source(variables) if place == "environment" else source(env_file=variables)
    assert await found.credential(profile) == Credential(secret=Secret(CANARY), source=place)


@pytest.mark.parametrize(
    ("profile", "named"),
    [
        pytest.param(PROFILE, {}, id="nothing is named"),
        pytest.param(PROFILE, ELSEWHERE, id="another endpoint"),
        pytest.param(PROFILE, {"CCFLOW_TOKEN_ENDPOINT": "http://as.example/token"}, id="another scheme"),
        pytest.param(PROFILE, {"CCFLOW_TOKEN_ENDPOINT": "https://as.example:8443/token"}, id="another port"),
        pytest.param(PROFILE, {"CCFLOW_ISSUER": "https://other.example"}, id="another issuer"),
        pytest.param(ISSUED, {"CCFLOW_ISSUER": "https://other.example"}, id="an edited issuer"),
        pytest.param(
            replace(DISCOVERED, token_endpoint="https://evil.example/token"),
            ISSUER,
            id="a discovered stranger",
        ),
        pytest.param(PROFILE, ENVIRONMENT, id="an environment, and a typed endpoint"),
        pytest.param(
            replace(PINGONE, token_endpoint="https://evil.example/token"), ENVIRONMENT, id="an odd preset"
        ),
        pytest.param(PINGONE, {"CCFLOW_ENVIRONMENT_ID": ENVIRONMENT_ID}, id="the default region"),
        pytest.param(PINGONE, {**ENVIRONMENT, "CCFLOW_ENVIRONMENT_ID": OTHER_ID}, id="another environment"),
        pytest.param(ENTRA, {**ENTRA_NAMED, "CCFLOW_PROVIDER_INPUTS": "tenant=other"}, id="another tenant"),
        pytest.param(ENTRA, {**ENTRA_NAMED, "CCFLOW_PROVIDER": "auth0"}, id="another provider"),
        pytest.param(ENTRA, {**ENTRA_NAMED, "CCFLOW_PROVIDER": "nonsense"}, id="no provider"),
        pytest.param(ENTRA, ENVIRONMENT, id="a PingOne environment, and another provider"),
        pytest.param(PINGONE, ENTRA_NAMED, id="another provider's tenant"),
        pytest.param(PROFILE, {"CCFLOW_SECRET_ORIGIN": "https://other.example"}, id="another opt-in"),
        pytest.param(
            PROFILE, {"CCFLOW_SECRET_ORIGIN": "https://as.example/token"}, id="an opt-in with a path"
        ),
        pytest.param(PROFILE, {"CCFLOW_SECRET_ORIGIN": "as.example"}, id="an opt-in without a scheme"),
        pytest.param(PROFILE, {"CCFLOW_SECRET_ORIGIN": "*"}, id="an opt-in to everything"),
        pytest.param(PROFILE, {**ENDPOINT, "CCFLOW_PROFILE": "prod"}, id="another profile"),
        pytest.param(PROFILE, {**ENDPOINT, "CCFLOW_CLIENT_ID": "xyz"}, id="another client"),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
async def test_otherwise_a_secret_is_held_back(place: str, profile: Profile, named: Variable) -> None:
    variables = {**SECRET, **named}
    found = source(variables) if place == "environment" else source(env_file=variables)
    problem = await problem_of(found, profile)
    assert f"CCFLOW_CLIENT_SECRET ({place})" in problem.finding.problem


@pytest.mark.parametrize("named", [ENDPOINT, ISSUER, OPT_IN])
async def test_one_source_cannot_direct_the_secret_of_the_other(named: Variable) -> None:
    assert "https://as.example" in str(await problem_of(source(SECRET, named), PROFILE))
    assert "https://as.example" in str(await problem_of(source(named, SECRET), PROFILE))


@pytest.mark.parametrize("name", ["CCFLOW_PROFILE", "CCFLOW_CLIENT_ID"])
async def test_one_source_can_hold_the_secret_of_the_other_back(name: str) -> None:
    found = source({**SECRET, **ENDPOINT}, {name: "another"})
    assert f"belongs to what {name} names" in (await problem_of(found, PROFILE)).finding.problem


async def test_the_refusal_names_origin_reason_and_ways_out() -> None:
    finding = (await problem_of(source({**SECRET, **ELSEWHERE}), PROFILE)).finding
    assert "is not sent to https://as.example" in finding.problem
    assert "https://other.example" in finding.problem
    for way_out in ("CCFLOW_SECRET_ORIGIN=https://as.example in the environment", "CCFLOW_ISSUER", "type"):
        assert way_out in finding.remedy
    assert "in .env" in (await problem_of(source(env_file=SECRET), PROFILE)).finding.remedy


async def test_doing_what_the_refusal_says_mends_it() -> None:
    remedy = (await problem_of(source(SECRET), PROFILE)).finding.remedy
    name, _, value = next(word for word in remedy.split() if "=" in word).partition("=")
    assert (await source({**SECRET, name: value}).credential(PROFILE)).source == "environment"


async def test_an_opt_in_that_is_no_origin_is_told() -> None:
    problem = await problem_of(source({**SECRET, "CCFLOW_SECRET_ORIGIN": "https://as.example/x"}), PROFILE)
    assert "CCFLOW_SECRET_ORIGIN is no origin" in problem.finding.problem


async def test_while_no_server_is_known_the_secret_waits() -> None:
    waiting = replace(PINGONE, environment_id="", token_endpoint="", issuer="")
    assert "until the server is known" in str(await problem_of(source({**SECRET, **ENDPOINT}), waiting))


async def test_settings_the_user_chose_direct_the_secret_of_the_environment_only() -> None:
    names: list[str] = []

    def trusted(name: str) -> Profile:
        names.append(name)
        return PROFILE

    assert (await source(SECRET, trusted=trusted).credential(PROFILE)).source == "environment"
    assert names == ["dev"]
    assert (await source(SECRET, trusted=lambda _: ISSUED).credential(DISCOVERED)).source == "environment"
    away = replace(DISCOVERED, token_endpoint="https://tokens.example/token")
    allowing = replace(ISSUED, endpoint_consent=EndpointConsent(ISSUED.issuer, "https://tokens.example"))
    assert (await source(SECRET, trusted=lambda _: allowing).credential(away)).source == "environment"
    edited = replace(PROFILE, token_endpoint="https://evil.example/token")
    assert "https://evil.example" in str(await problem_of(source(SECRET, trusted=trusted), edited))
    await problem_of(source(env_file=SECRET, trusted=trusted), PROFILE)
    await problem_of(source(SECRET, trusted=lambda _: Profile()), PROFILE)


async def test_a_secret_held_back_leaves_room_for_the_next_source() -> None:
    env_file = {"CCFLOW_CLIENT_SECRET": "file", **ENDPOINT}
    assert (await source(SECRET, env_file).credential(PROFILE)).secret == Secret("file")
    store = DictStore()
    store.secrets[client_secret_name(PROFILE)] = Secret("stored")
    assert (await source(SECRET, store=store).credential(PROFILE)).secret == Secret("stored")


async def test_what_is_held_back_is_warned_of_once() -> None:
    warnings: list[str] = []
    found = source(SECRET, warnings=warnings)
    for _ in range(2):
        await problem_of(found, PROFILE)
    (warning,) = warnings
    assert "https://as.example" in warning and "CANARY" not in warning


async def test_bytes_that_are_no_text_are_refused_without_repeating_them() -> None:
    problem = await problem_of(source({"CCFLOW_CLIENT_SECRET": f"{CANARY}\udcff", **ENDPOINT}), PROFILE)
    assert "CCFLOW_CLIENT_SECRET (environment) is not UTF-8" in str(problem)


def test_every_secret_there_is_can_be_known_to_the_log() -> None:
    variables = Variables(SECRET, {"CCFLOW_CLIENT_SECRET": "file"})
    assert variables.secrets() == (Secret(CANARY), Secret("file"))
    assert Variables({}, {"CCFLOW_CLIENT_SECRET": ""}).secrets() == ()
    assert "CANARY" not in repr(variables) + repr(variables.sources())


HOSTS = st.sampled_from(["as.example", "other.example", "as.example.evil", "as.example:444"])
URLS = st.builds(
    "{}://{}{}".format, st.sampled_from(["https", "http"]), HOSTS, st.sampled_from(["", "/token"])
)
NAMES = st.sampled_from(["CCFLOW_TOKEN_ENDPOINT", "CCFLOW_ISSUER", "CCFLOW_SECRET_ORIGIN"])


@given(st.dictionaries(NAMES, URLS | st.text(max_size=20)), st.dictionaries(NAMES, URLS), URLS)
def test_no_secret_goes_to_an_origin_that_its_source_does_not_spell(
    own: dict[str, str], others: dict[str, str], endpoint: str
) -> None:
    profile = replace(PROFILE, token_endpoint=endpoint)
    if refusal(profile, SecretSource("environment", own, others)) is None:
        scheme, _, rest = endpoint.partition("://")
        reached = f"{scheme}://{rest.partition('/')[0]}"
        assert any(text in (reached, f"{reached}/token") for text in own.values())

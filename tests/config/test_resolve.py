from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.config.resolve import (
    Layers,
    Source,
    choose_profile,
    profile_names,
    resolve_profile,
    user_named_server,
)
from ccflow_tui.config.settings import (
    AssertionSettings,
    ClientCredentialsSettings,
    ClientSettings,
    DpopSettings,
    MtlsSettings,
    OAuthSettings,
    Settings,
)
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import (
    AuthMethod,
    BasicEncoding,
    EndpointMode,
    EndpointSource,
    Profile,
    Provider,
)
from tests.support.layers import trusted


def settings(block: ClientCredentialsSettings | None = None, **profiles: ClientSettings) -> Settings:
    return Settings(
        oauth=OAuthSettings(client_credentials=block or ClientCredentialsSettings()), profiles=profiles
    )


def saved(*profiles: Profile, last: str = "") -> SavedState:
    return SavedState(profiles={profile.name: profile for profile in profiles}, last_profile=last)


def test_nothing_anywhere_gives_the_defaults() -> None:
    resolved = resolve_profile("default", Layers())
    assert resolved.profile == Profile()
    assert set(resolved.sources.values()) == {Source.DEFAULT}
    assert not resolved.shadowed and not resolved.notes


def test_order_of_sources_and_what_is_shadowed() -> None:
    layers = trusted(
        typed={"client_id": "typed"},
        environment={"CCFLOW_CLIENT_ID": "environment", "CCFLOW_SCOPE": "from-environment"},
        env_file={"CCFLOW_CLIENT_ID": "file", "CCFLOW_SCOPE": "x", "CCFLOW_AUDIENCE": "from-file"},
        settings=settings(
            ClientCredentialsSettings(client_id="block", audience="x", note="from-settings"),
            default=ClientSettings(client_id="profile"),
        ),
        saved=saved(Profile(client_id="saved", note="x", assertion_kid="from-saved")),
    )
    resolved = resolve_profile("default", layers)
    assert resolved.profile == Profile(
        client_id="typed",
        scope="from-environment",
        audience="from-file",
        note="from-settings",
        assertion_kid="from-saved",
    )
    assert [
        resolved.sources[name] for name in ("client_id", "scope", "audience", "note", "assertion_kid")
    ] == [
        Source.TYPED,
        Source.ENVIRONMENT,
        Source.ENV_FILE,
        Source.SETTINGS,
        Source.SAVED,
    ]
    assert resolved.sources["region"] is Source.DEFAULT
    assert resolved.shadowed["client_id"] == (
        (Source.ENVIRONMENT, "environment"),
        (Source.ENV_FILE, "file"),
        (Source.SETTINGS, "profile"),
        (Source.SETTINGS, "block"),
        (Source.SAVED, "saved"),
    )


def test_every_variable_reaches_its_attribute() -> None:
    environment = {
        "CCFLOW_PROVIDER": "Keycloak",
        "CCFLOW_PROVIDER_INPUTS": "realm=r",
        "CCFLOW_ENVIRONMENT_ID": " env ",
        "CCFLOW_REGION": "EU",
        "CCFLOW_ISSUER": "https://i",
        "CCFLOW_TOKEN_ENDPOINT": "https://t/token",
        "CCFLOW_CLIENT_ID": "c",
        "CCFLOW_AUTH_METHOD": "CLIENT_SECRET_POST",
        "CCFLOW_PRIVATE_KEY": "env:KEY",
        "CCFLOW_SCOPE": "a b",
        "CCFLOW_AUDIENCE": "aud",
        "CCFLOW_RESOURCE": "urn:a  urn:b",
        "CCFLOW_AUTHORIZATION_DETAILS": '[{"type":\n\t"a"}]',
        "CCFLOW_KID": "k",
        "CCFLOW_ALG": "ES256",
        "CCFLOW_BASIC_ENCODING": "raw",
        "CCFLOW_DPOP": "On",
        "CCFLOW_DPOP_ALG": "ES512",
        "CCFLOW_DPOP_ALLOW_BEARER": "yes",
        "PATH": "/bin",
    }
    assert resolve_profile("default", trusted(environment=environment)).profile == Profile(
        endpoint_mode=EndpointMode.MANUAL,
        endpoint_source=EndpointSource.TYPED,
        provider=Provider.KEYCLOAK,
        provider_inputs=(("realm", "r"),),
        environment_id="env",
        region="eu",
        issuer="https://i",
        token_endpoint="https://t/token",
        client_id="c",
        auth_method=AuthMethod.CLIENT_SECRET_POST,
        key_reference="env:KEY",
        scope="a b",
        audience="aud",
        resources=("urn:a", "urn:b"),
        authorization_details='[{"type": "a"}]',
        assertion_kid="k",
        assertion_alg="ES256",
        basic_encoding=BasicEncoding.RAW,
        dpop=True,
        dpop_alg="ES512",
        dpop_allow_bearer=True,
    )


def test_empty_variables_are_unset() -> None:
    layers = trusted(
        environment={"CCFLOW_SCOPE": " ", "CCFLOW_AUTH_METHOD": ""}, env_file={"CCFLOW_SCOPE": "a"}
    )
    resolved = resolve_profile("default", layers)
    assert (resolved.profile.scope, resolved.sources["scope"]) == ("a", Source.ENV_FILE)


class TestEndpoint:
    @pytest.mark.parametrize(
        ("variables", "mode"),
        [
            ({"CCFLOW_ENVIRONMENT_ID": "e"}, EndpointMode.PRESET),
            ({"CCFLOW_ENVIRONMENT_ID": "e", "CCFLOW_ISSUER": "i"}, EndpointMode.ISSUER),
            ({"CCFLOW_ISSUER": "i", "CCFLOW_TOKEN_ENDPOINT": "t"}, EndpointMode.MANUAL),
        ],
    )
    def test_mode_follows_from_what_is_given(self, variables: dict[str, str], mode: EndpointMode) -> None:
        resolved = resolve_profile("default", trusted(environment=variables))
        assert resolved.profile.endpoint_mode is mode
        assert resolved.sources["endpoint_mode"] is Source.ENVIRONMENT

    def test_one_source_names_the_whole_server(self) -> None:
        layers = trusted(
            environment={"CCFLOW_ISSUER": "https://new"},
            settings=settings(
                ClientCredentialsSettings(
                    token_endpoint="https://old/token", environment_id="old", api_base="https://old/api"
                )
            ),
        )
        resolved = resolve_profile("default", layers)
        assert resolved.profile == Profile(endpoint_mode=EndpointMode.ISSUER, issuer="https://new")
        assert resolved.shadowed["token_endpoint"] == ((Source.SETTINGS, "https://old/token"),)
        assert resolved.sources["token_endpoint"] is Source.DEFAULT

    def test_a_profile_names_another_server_than_the_block(self) -> None:
        layers = trusted(
            settings=settings(
                ClientCredentialsSettings(token_endpoint="https://block/token", client_id="c"),
                p=ClientSettings(issuer="https://p"),
            )
        )
        profile = resolve_profile("p", layers).profile
        assert (profile.endpoint_mode, profile.issuer, profile.token_endpoint, profile.client_id) == (
            EndpointMode.ISSUER,
            "https://p",
            "",
            "c",
        )

    def test_the_api_of_a_stronger_source_is_used(self) -> None:
        layers = trusted(
            settings=settings(
                ClientCredentialsSettings(token_endpoint="https://block/token"),
                p=ClientSettings(api_base="https://api"),
            )
        )
        assert resolve_profile("p", layers).profile.api_base == "https://api"

    def test_region_and_environment_belong_together(self) -> None:
        layers = trusted(
            env_file={"CCFLOW_ENVIRONMENT_ID": "e"},
            settings=settings(ClientCredentialsSettings(region="eu")),
            saved=saved(Profile(environment_id="old", region="ca")),
        )
        resolved = resolve_profile("default", layers)
        assert (resolved.profile.environment_id, resolved.profile.region) == ("e", "us")
        assert resolved.sources["region"] is Source.DEFAULT
        assert resolved.shadowed["region"] == ((Source.SETTINGS, "eu"), (Source.SAVED, "ca"))
        stronger = replace(layers, environment={"CCFLOW_REGION": "AP"})
        assert resolve_profile("default", stronger).profile.region == "ap"

    @pytest.mark.parametrize(
        ("block", "region"),
        [
            (ClientCredentialsSettings(region="eu"), "eu"),
            (ClientCredentialsSettings(region="eu", environment_id="other"), "us"),
        ],
    )
    def test_a_settings_file_may_give_all_its_profiles_one_region(
        self, block: ClientCredentialsSettings, region: str
    ) -> None:
        layers = trusted(settings=settings(block, p=ClientSettings(environment_id="e")))
        assert resolve_profile("p", layers).profile.region == region

    def test_a_region_alone_is_taken_from_anywhere(self) -> None:
        layers = trusted(settings=settings(ClientCredentialsSettings(region="eu")))
        assert resolve_profile("default", layers).profile.region == "eu"

    def test_saved_mode_is_kept_even_while_incomplete(self) -> None:
        state = saved(Profile(endpoint_mode=EndpointMode.MANUAL, environment_id="e"))
        profile = resolve_profile("default", trusted(saved=state)).profile
        assert (profile.endpoint_mode, profile.endpoint_source) == (EndpointMode.MANUAL, EndpointSource.NONE)


class TestBadValues:
    @pytest.mark.parametrize(
        ("variable", "text", "field", "said"),
        [
            ("CCFLOW_AUTH_METHOD", "privatekeyjwt", "auth_method", 'Did you mean "private_key_jwt"?'),
            ("CCFLOW_AUTH_METHOD", "password", "auth_method", "Use one of: private_key_jwt, "),
            ("CCFLOW_BASIC_ENCODING", "utf8", "basic_encoding", "standard, raw"),
            ("CCFLOW_DPOP", "ES256", "dpop", "Use one of: 1, true, yes, on"),
            ("CCFLOW_DPOP_ALLOW_BEARER", "perhaps", "dpop_allow_bearer", "must say yes or no"),
            ("CCFLOW_PRIVATE_KEY", "-----BEGIN PRIVATE KEY----- X", "key_reference", "env:KEY"),
            ("CCFLOW_CERTIFICATE", "-----BEGIN CERTIFICATE-----", "assertion_certificate", "env:KEY"),
            ("CCFLOW_MTLS_KEY", "-----BEGIN PRIVATE KEY----- X", "mtls", "env:KEY"),
            ("CCFLOW_CLIENT_ID", "a\u200bb", "client_id", "hidden"),
            ("CCFLOW_SCOPE", "a\udcffb", "scope", "hidden"),
        ],
    )
    @pytest.mark.parametrize("where", ["environment", "env_file"])
    def test_source_and_variable_are_named(
        self, where: str, variable: str, text: str, field: str, said: str
    ) -> None:
        with pytest.raises(InputProblem) as caught:
            resolve_profile("default", trusted(**{where: {variable: text}}))
        source = Source.ENVIRONMENT if where == "environment" else Source.ENV_FILE
        assert caught.value.finding.field == field
        assert f"{variable} ({source})" in caught.value.finding.problem
        assert said in str(caught.value)

    def test_value_is_not_repeated(self) -> None:
        with pytest.raises(InputProblem) as caught:
            resolve_profile("default", trusted(environment={"CCFLOW_AUTH_METHOD": "CANARY-secret"}))
        assert "CANARY" not in str(caught.value)

    def test_typed_value(self) -> None:
        with pytest.raises(InputProblem, match="The typed auth_method has an unknown value"):
            resolve_profile("default", trusted(typed={"auth_method": "x"}))

    def test_misspelt_variables_are_noted(self) -> None:
        layers = trusted(
            environment={"CCFLOW_CLIENTID": "x", "CCFLOW_ZZZZZZZZ": "x"}, env_file={"CCFLOW_SCOPES": "x"}
        )
        assert resolve_profile("default", layers).notes == (
            "The variable CCFLOW_CLIENTID is not known and was not used. Did you mean CCFLOW_CLIENT_ID?",
            "The variable CCFLOW_SCOPES is not known and was not used. Did you mean CCFLOW_SCOPE?",
        )


def test_settings_values_and_how_they_are_shown() -> None:
    block = ClientCredentialsSettings(
        production=True,
        resource=("urn:a", "urn:b"),
        assertion=AssertionSettings(kid="k"),
        mtls=MtlsSettings(enabled=True, cert_ref="c.pem"),
    )
    layers = trusted(
        environment={"CCFLOW_RESOURCE": "urn:c"},
        settings=settings(
            block, p=ClientSettings(production=False, mtls=MtlsSettings(enabled=False, cert_ref="d.pem"))
        ),
    )
    resolved = resolve_profile("p", layers)
    assert resolved.profile.production is False and resolved.profile.mtls.cert_ref == "d.pem"
    assert resolved.profile.assertion_kid == "k"
    assert resolved.shadowed["production"] == ((Source.SETTINGS, "yes"),)
    assert resolved.shadowed["mtls"] == ((Source.SETTINGS, "on c.pem"),)
    assert resolved.shadowed["resources"] == ((Source.SETTINGS, "urn:a urn:b"),)
    assert resolve_profile("default", layers).profile.production is True


def test_a_profile_may_take_back_the_binding_that_others_have() -> None:
    layers = trusted(
        environment={"CCFLOW_DPOP_ALLOW_BEARER": "off"},
        settings=settings(
            ClientCredentialsSettings(dpop=DpopSettings(enabled=True, alg="ES384", allow_bearer=True)),
            p=ClientSettings(dpop=DpopSettings(enabled=False)),
        ),
    )
    profile = resolve_profile("p", layers).profile
    assert (profile.dpop, profile.dpop_alg, profile.dpop_allow_bearer) == (False, "ES384", False)
    assert resolve_profile("default", layers).profile.dpop is True


class TestProfileNames:
    layers = trusted(
        settings=replace(settings(prod=ClientSettings()), default_profile="prod"),
        saved=saved(Profile(name="mine"), Profile(name="prod"), last="mine"),
    )

    def test_every_profile_once(self) -> None:
        assert profile_names(self.layers) == ("default", "prod", "mine")
        assert profile_names(Layers()) == ("default",)

    @pytest.mark.parametrize(
        ("requested", "environment", "env_file", "chosen"),
        [
            ("mine", "default", "", "mine"),
            (None, "mine", "default", "mine"),
            (None, "", "mine", "mine"),
            (None, "", "", "prod"),
        ],
    )
    def test_choice(self, requested: str | None, environment: str, env_file: str, chosen: str) -> None:
        layers = replace(
            self.layers,
            environment={"CCFLOW_PROFILE": environment},
            env_file={"CCFLOW_PROFILE": env_file},
        )
        assert choose_profile(requested, layers) == chosen

    def test_last_one_if_nobody_names_one(self) -> None:
        assert choose_profile(None, trusted(saved=saved(Profile(name="mine"), last="mine"))) == "mine"
        assert choose_profile(None, trusted(saved=saved(last="gone"))) == "default"

    def test_unknown_names_are_explained(self) -> None:
        with pytest.raises(InputProblem, match=r'no profile "prdo"\. Did you mean "prod"\?'):
            choose_profile("prdo", self.layers)
        with pytest.raises(InputProblem, match=r"CCFLOW_PROFILE \(environment\) asks for"):
            choose_profile(None, replace(self.layers, environment={"CCFLOW_PROFILE": "x"}))
        broken = trusted(settings=replace(settings(), default_profile="x"))
        with pytest.raises(InputProblem, match=r"defaultProfile \(settings\.json\) asks for"):
            choose_profile(None, broken)
        with pytest.raises(InputProblem, match="no profile"):
            resolve_profile("x", self.layers)


class TestDemo:
    layers = trusted(
        demo={"demo-basic": Profile(name="demo-basic", client_id="d")},
        environment={"CCFLOW_CLIENT_ID": "x", "CCFLOW_PROFILE": "p", "CCFLOW_CLIENT_SECRET": "s"},
        settings=settings(p=ClientSettings(client_id="y")),
    )

    def test_demo_profiles_take_nothing_from_elsewhere(self) -> None:
        assert profile_names(self.layers) == ("demo-basic",)
        assert choose_profile(None, self.layers) == "demo-basic"
        resolved = resolve_profile("demo-basic", self.layers)
        assert resolved.profile == self.layers.demo["demo-basic"]
        assert set(resolved.sources.values()) == {Source.DEMO}

    def test_no_settings_point_a_real_secret_at_the_demo_server(self) -> None:
        assert user_named_server("demo-basic", replace(self.layers, settings_trusted=True)) is None


class TestServerTheUserNamed:
    layers = trusted(
        environment={"CCFLOW_TOKEN_ENDPOINT": "https://environment/token"},
        settings=settings(
            ClientCredentialsSettings(token_endpoint="https://block/token"),
            ci=ClientSettings(issuer="https://ci"),
        ),
        saved=saved(Profile(name="mine")),
    )

    def test_settings_of_a_working_folder_name_none(self) -> None:
        assert user_named_server("ci", replace(self.layers, settings_trusted=False)) is None

    def test_trusted_settings_alone_are_asked(self) -> None:
        layers = replace(self.layers, settings_trusted=True)
        ci, default = user_named_server("ci", layers), user_named_server("default", layers)
        assert ci is not None and (ci.endpoint_mode, ci.issuer) == (EndpointMode.ISSUER, "https://ci")
        assert default is not None and default.token_endpoint == "https://block/token"

    def test_a_saved_profile_is_not_the_settings_word(self) -> None:
        assert user_named_server("mine", replace(self.layers, settings_trusted=True)) is None
        default = user_named_server("default", trusted(saved=self.layers.saved, settings_trusted=True))
        assert default == Profile()

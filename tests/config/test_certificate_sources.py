"""A client certificate by environment variables, and taken back by a settings file (RFC 8705)."""

from __future__ import annotations

from ccflow_tui.config.resolve import Source, resolve_profile
from ccflow_tui.config.settings import ClientSettings, MtlsSettings, Settings
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.profile import AuthMethod, MutualTls, Profile
from tests.support.layers import trusted


def test_a_client_certificate_from_variables_switches_mutual_tls_on() -> None:
    layers = trusted(
        environment={"CCFLOW_MTLS_CERT": "keyring:mine", "CCFLOW_AUTH_METHOD": "TLS_CLIENT_AUTH"},
        env_file={"CCFLOW_MTLS_CERT": "c.pem", "CCFLOW_MTLS_KEY": "env:KEY", "CCFLOW_KEY_PASSPHRASE": "x"},
    )
    resolved = resolve_profile("default", layers)
    assert resolved.profile.mtls == MutualTls(True, "keyring:mine")
    assert resolved.profile.auth_method is AuthMethod.TLS_CLIENT_AUTH
    assert resolved.sources["mtls"] is Source.ENVIRONMENT
    assert resolved.shadowed["mtls"] == ((Source.ENV_FILE, "on c.pem env:KEY"),)
    assert not resolved.notes
    alone = resolve_profile("default", trusted(environment={"CCFLOW_MTLS_KEY": "k.pem"}))
    assert alone.profile.mtls == MutualTls()


def test_a_client_certificate_that_is_switched_off_takes_back_one_of_a_later_place() -> None:
    on = MutualTls(True, "/c.pem")
    kept = SavedState(profiles={"p": Profile(name="p", mtls=on)})
    off = Settings(profiles={"p": ClientSettings(mtls=MtlsSettings(enabled=False))})
    assert resolve_profile("p", trusted(settings=off, saved=kept)).profile.mtls == MutualTls()
    unsaid = Settings(profiles={"p": ClientSettings()})
    assert resolve_profile("p", trusted(settings=unsaid, saved=kept)).profile.mtls == MutualTls(
        True, "/c.pem"
    )

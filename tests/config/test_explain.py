"""What may be shown of a configuration, and how what it stands before is told."""

from __future__ import annotations

import pytest

from ccflow_tui.config.explain import field_stories, shadow_hints
from ccflow_tui.config.hidden import safe_text
from ccflow_tui.config.layers import Layers
from ccflow_tui.config.resolve import resolve_profile
from ccflow_tui.config.state import SavedState
from ccflow_tui.models.profile import MutualTls, Profile


@pytest.mark.parametrize(
    ("attribute", "text", "shown"),
    [
        ("scope", "a b", "a b"),
        ("scope", "", ""),
        ("note", "a\x1b[2Jb", "a?[2Jb"),
        ("note", "x" * 300, "x" * 200 + "…"),
        ("extra_parameters", "a=1&b=two", "a=(hidden)&b=(hidden)"),
        ("authorization_details", '[{"type":"a"}]', "(hidden)"),
        ("key_reference", "keyring:k", "keyring:k"),
        ("key_reference", "-----BEGIN PRIVATE KEY-----", "(hidden)"),
        ("key_reference", ' {"kty":"RSA"}', "(hidden)"),
        ("client_id", "eyJhbGciOiJub25lIn0.e30.x", "(hidden)"),
        ("provider_inputs", "domain=acme", "domain=acme"),
        ("provider_inputs", "domain=acme&api_token=x", "(hidden)"),
        ("issuer", "https://as.example/a", "https://as.example/a"),
        ("token_endpoint", "https://as.example/a?key=x#y", "https://as.example/a?(hidden)"),
        ("token_endpoint", "https://as.example/a#y", "https://as.example/a#(hidden)"),
        ("token_endpoint", "https://u:p@as.example/", "(hidden)"),
        ("token_endpoint", "https://[broken", "https://[broken"),
    ],
)
def test_L1_what_could_hold_a_secret_is_not_shown(attribute: str, text: str, shown: str) -> None:
    assert safe_text(attribute, text) == shown


def test_stories_and_hints_name_the_variable() -> None:
    saved = SavedState(profiles={"p": Profile(name="p", scope="old", mtls=MutualTls(True, "/c.pem"))})
    layers = Layers(environment={"CCFLOW_SCOPE": "new", "CCFLOW_MTLS_CERT": "/d.pem"}, saved=saved)
    resolved = resolve_profile("p", layers)
    stories = {story.name: story for story in field_stories(resolved)}
    assert stories["scope"].source == "environment CCFLOW_SCOPE"
    assert stories["mtls"].source == "environment CCFLOW_MTLS_CERT"
    assert stories["mtls"].shadows == (("saved", "on /c.pem"),)
    assert shadow_hints(resolved) == {
        "scope": "Stands before saved: old.",
        "mtls": "Stands before saved: on /c.pem.",
    }

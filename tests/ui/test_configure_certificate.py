"""Step 1: client certificates, the passphrases of keys, and what stands folded away."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Button

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import AuthMethod, MutualTls, Profile
from ccflow_tui.oauth.certificates import thumbprint
from ccflow_tui.screens.configure_form import MORE_NAMES
from ccflow_tui.services.credential_names import passphrase_name, private_key_name
from ccflow_tui.widgets.choice import ChoiceLine
from ccflow_tui.widgets.request_lines import plain_text
from tests.support.client_certificates import issue, write
from tests.support.fakes import DictStore, ScriptedTransport, json_response
from tests.support.wizard import PROFILE, make_wizard
from tests.ui.drive import Driver, driving, files
from tests.ui.test_configure import ALWAYS, FOLDED
from tests.ui.test_restart import run

PASSPHRASE = "CANARY correct horse"
TLS = replace(PROFILE, auth_method=AuthMethod.TLS_CLIENT_AUTH)
SIGNED = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, assertion_alg="ES256")


def more(wizard: Driver) -> str:
    return str(wizard.configure.query_one("#more", Button).label)


async def enter(wizard: Driver, text: str) -> None:
    """Type into what has the focus."""
    await wizard.pilot.press(*text)
    await wizard.rest()


async def test_F3_a_certificate_is_named_beside_the_method_checked_and_shown_before_it_is_sent(
    tmp_path: Path,
) -> None:
    client = issue()
    certificate = write(tmp_path / "c.pem", client.pem())
    key = write(tmp_path / "k.pem", client.key_pem())
    async with driving(make_wizard(tmp_path, profiles=(TLS,)), size=(110, 60)) as wizard:
        assert wizard.focused == "mtls_cert_ref", "the first gap"
        assert "tls_client_auth needs a client certificate" in str(wizard.configure.reason.content)
        assert "mtls_enabled" not in wizard.shown()
        await wizard.leave()
        (problem,) = wizard.field("mtls_cert_ref").problems
        assert "PKCS#12" in problem.remedy
        await wizard.type("mtls_cert_ref", certificate)
        assert str(wizard.configure.reason.content) == ""
        await wizard.type("mtls_key_ref", "env:")
        await wizard.leave()
        assert "name of the environment variable" in wizard.field("mtls_key_ref").problems[0].problem
        await wizard.type("mtls_key_ref", str(tmp_path / "none.pem"))
        await wizard.press("ctrl+j")
        await wizard.done()
        assert (wizard.step, wizard.focused) == (Step.CONFIGURE, "mtls_key_ref")
        assert "cannot be read" in wizard.field("mtls_key_ref").problems[0].problem
        await wizard.type("mtls_key_ref", key)
        assert wizard.field("mtls_key_ref").problems == ()
        await wizard.to_step(Step.BUILD)
        screen = wizard.screen()
        assert "Client certificate in the TLS handshake" in screen
        assert "CN=client.example" in screen
        assert thumbprint(client.der()) in screen
        assert "client_id=client-one" in screen
        request = wizard.app.state.request
        assert request is not None
        assert f"kept in: {certificate}" in plain_text(request)
        assert request.client_tls == MutualTls(True, certificate, key)


async def test_F3_the_wrong_key_of_a_certificate_is_told_at_its_field(tmp_path: Path) -> None:
    tls = MutualTls(
        cert_ref=write(tmp_path / "c.pem", issue().pem()),
        key_ref=write(tmp_path / "k.pem", issue().key_pem()),
    )
    async with driving(make_wizard(tmp_path, profiles=(replace(TLS, mtls=tls),))) as wizard:
        await wizard.press("ctrl+j")
        await wizard.done()
        assert (wizard.step, wizard.focused) == (Step.CONFIGURE, "mtls_cert_ref")
        assert "does not belong to the client cert" in wizard.field("mtls_cert_ref").problems[0].problem


async def test_F4_a_certificate_binds_the_tokens_of_another_method_and_keeps_its_place_in_each(
    tmp_path: Path,
) -> None:
    client = issue()
    certificate = write(tmp_path / "c.pem", client.pem(), client.key_pem())
    async with driving(make_wizard(tmp_path)) as wizard:
        wizard.configure.focus_field("mtls_enabled")
        await wizard.press("right")
        assert {"bound_cert_ref", "bound_key_ref"} <= wizard.shown()
        assert "no client certificate is named" in str(wizard.configure.reason.content)
        await wizard.press("ctrl+j")
        assert wizard.focused == "bound_cert_ref"
        await wizard.type("bound_cert_ref", certificate)
        assert wizard.app.state.profile.mtls == MutualTls(True, certificate, "")
        wizard.configure.picker.focus()
        await wizard.press("up", "up", "up")
        assert wizard.app.state.profile.auth_method is AuthMethod.TLS_CLIENT_AUTH
        assert wizard.input("mtls_cert_ref").value == certificate
        assert "bound_cert_ref" not in wizard.shown()
        await wizard.type("mtls_cert_ref", f"{certificate}x")
        await wizard.press("shift+tab")
        wizard.configure.picker.focus()
        await wizard.press("down", "down", "down")
        assert wizard.input("bound_cert_ref").value == f"{certificate}x"
        wizard.configure.focus_field("mtls_enabled")
        await wizard.press("left")
        assert not wizard.app.state.profile.mtls.enabled
        assert str(wizard.configure.reason.content) == ""


async def test_F4_step_4_compares_the_token_with_the_certificate_in_use(tmp_path: Path) -> None:
    client, other = issue(), issue()
    certificate = write(tmp_path / "c.pem", client.pem(), client.key_pem())
    from tests.ui.scenes import _segment

    for bound_to, words in (
        (client, "✓ Binding: bound to the client certificate in use"),
        (other, "✗ Binding: bound to another client certificate than the one in use"),
    ):
        claims = {"cnf": {"x5t#S256": thumbprint(bound_to.der())}}
        token = ".".join((_segment({"alg": "RS256"}), _segment(claims), "c2ln"))
        answer = json_response(
            json.dumps(
                {"access_token": token, "token_type": "Bearer", "expires_in": 600, "scope": "read write"}
            )
        )
        profile = replace(TLS, mtls=MutualTls(cert_ref=certificate))
        parts = make_wizard(tmp_path, profiles=(profile,), transport=ScriptedTransport(answer))
        async with driving(parts) as wizard:
            await wizard.to_step(Step.TOKEN)
            assert words in wizard.text("#report")
            assert "client certificate" not in wizard.text("#notes"), "told twice"


@pytest.mark.parametrize("kind", ["key of an assertion", "key of a certificate", "PKCS#12"])
async def test_D19_a_passphrase_is_asked_for_only_when_the_key_is_encrypted(
    tmp_path: Path, kind: str
) -> None:
    client = issue()
    reference = write(tmp_path / "k.pem", client.key_pem(PASSPHRASE))
    profile = replace(SIGNED, key_reference=reference)
    if kind == "key of a certificate":
        certificate = write(tmp_path / "c.pem", client.pem())
        profile = replace(TLS, mtls=MutualTls(cert_ref=certificate, key_ref=reference))
    elif kind == "PKCS#12":
        reference = write(tmp_path / "c.p12", client.pkcs12(PASSPHRASE))
        profile = replace(TLS, mtls=MutualTls(cert_ref=reference))
    store = DictStore()
    parts = make_wizard(tmp_path, profiles=(profile,), store=store)
    async with driving(parts, size=(80, 24)) as wizard:
        assert "key_passphrase" not in wizard.shown()
        for text, words in (("", "passphrase is not known"), ("wrong", "does not open the private key")):
            await enter(wizard, text)
            await wizard.press("ctrl+j")
            await wizard.done()
            assert (wizard.step, wizard.focused) == (Step.CONFIGURE, "key_passphrase")
            assert words in wizard.field("key_passphrase").problems[0].problem
            assert "CCFLOW_KEY_PASSPHRASE" in wizard.field("key_passphrase").problems[0].remedy
        await enter(wizard, PASSPHRASE)
        assert wizard.field("key_passphrase").problems == ()
        assert PASSPHRASE not in wizard.screen()
        await wizard.press("f7")
        assert PASSPHRASE in wizard.screen()
        await wizard.to_step(Step.BUILD)
        await wizard.press("escape")
        assert wizard.input("key_passphrase").value == ""
        assert "held; type to replace it" in wizard.screen()
        await wizard.press("ctrl+s")
        await wizard.done()
        assert store.secrets[passphrase_name(reference)].reveal() == PASSPHRASE
        assert PASSPHRASE not in wizard.wizard.logger.export()
        await wizard.to_step(Step.TOKEN)
        await wizard.press("x", "tab", "enter")
        await wizard.done()
        assert f"the passphrase of {reference} (memory, keyring)" in wizard.notes()
        assert "key_passphrase" not in wizard.shown(), "nothing is held any more"
        assert passphrase_name(reference) not in store.secrets
    assert all(PASSPHRASE.encode() not in file.read_bytes() for file in files(tmp_path, "*.json"))


async def test_D19_importing_an_encrypted_key_asks_for_its_passphrase(tmp_path: Path) -> None:
    reference = write(tmp_path / "k.pem", issue().key_pem(PASSPHRASE))
    store = DictStore()
    profile = replace(SIGNED, key_reference=reference)
    async with driving(make_wizard(tmp_path, profiles=(profile,), store=store)) as wizard:
        await wizard.press("ctrl+t")
        await wizard.done()
        assert wizard.focused == "key_passphrase"
        await enter(wizard, PASSPHRASE)
        await wizard.press("ctrl+t")
        await wizard.done()
        assert wizard.app.state.profile.key_reference == "keyring:default"
        assert set(store.secrets) == {private_key_name("default")}, "it is kept without a passphrase"
        assert "key_passphrase" not in wizard.shown(), "it belongs to the other reference"


async def test_a_passphrase_is_not_carried_into_another_profile(tmp_path: Path) -> None:
    reference = write(tmp_path / "k.pem", issue().key_pem(PASSPHRASE))
    first = replace(SIGNED, key_reference=reference)
    async with driving(make_wizard(tmp_path, profiles=(first, replace(first, name="other")))) as wizard:
        await wizard.press("ctrl+j")
        await wizard.done()
        await enter(wizard, "typed")
        await wizard.press("f6", "down", "enter")
        await wizard.done()
        assert wizard.app.state.profile.name == "other"
        assert wizard.input("key_passphrase").value == ""


async def test_what_most_leave_alone_is_folded_and_the_fold_tells_what_is_set(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path), size=(80, 24)) as wizard:
        assert not wizard.shown() & MORE_NAMES
        assert "More: parameters, DPoP, mutual TLS, refresh, note" in more(wizard)
        wizard.configure.query_one("#more").focus()
        await wizard.press("enter")
        assert wizard.shown() == ALWAYS | FOLDED | {
            "token_endpoint",
            "api_base",
            "client_secret",
            "secret_reference",
            "basic_encoding",
            "mtls_enabled",
        }
        assert wizard.focused == "more", "the focus stays where it was"
        await wizard.type("extra_parameters", "tenant=t")
        wizard.configure.focus_field("dpop")
        await wizard.press("right")
        assert {"dpop_alg", "dpop_allow_bearer"} <= wizard.shown()
        wizard.field("dpop_allow_bearer").query_one(ChoiceLine).focus()
        await wizard.press("right")
        assert wizard.app.state.profile.dpop_allow_bearer
        wizard.configure.query_one("#more").focus()
        await wizard.press("enter")
        assert not wizard.shown() & MORE_NAMES
        assert "More · set: Extra parameters, Token binding" in more(wizard)


async def test_a_problem_in_a_folded_field_unfolds_it(tmp_path: Path) -> None:
    odd = replace(PROFILE, authorization_details="{}")
    async with driving(make_wizard(tmp_path, profiles=(odd,)), size=(80, 24)) as wizard:
        assert wizard.focused == "authorization_details", "the first gap"
        wizard.configure.query_one("#more").focus()
        await wizard.press("enter")
        assert "authorization_details" not in wizard.shown()
        await wizard.press("ctrl+j")
        assert wizard.focused == "authorization_details"
        assert "not an array" in wizard.screen()


@pytest.mark.parametrize(
    ("method", "offered", "kept_away"),
    [
        (AuthMethod.PRIVATE_KEY_JWT, "RS256", "HS256"),
        (AuthMethod.CLIENT_SECRET_JWT, "HS256", "RS256"),
    ],
)
async def test_D1_only_what_the_method_can_sign_with_is_offered(
    tmp_path: Path, method: AuthMethod, offered: str, kept_away: str
) -> None:
    profile = replace(SIGNED, auth_method=method, assertion_alg=offered)
    async with driving(make_wizard(tmp_path, profiles=(profile,))) as wizard:
        line = wizard.field("assertion_alg").query_one(ChoiceLine)
        values = {value for value, _ in line._options}
        assert offered in values
        assert kept_away not in values
        line.focus()
        for _ in values:
            await wizard.press("right")
            assert not [each for each in wizard.configure._errors() if each.field == "assertion_alg"]


async def test_certificate_and_the_rest_come_back_after_a_restart(tmp_path: Path) -> None:
    store = DictStore()
    async with driving(make_wizard(tmp_path, store=store)) as wizard:
        wizard.configure.focus_field("mtls_enabled")
        await wizard.press("right")
        await wizard.type("bound_cert_ref", "~/client.pem")
        await wizard.type("bound_key_ref", "keyring:client")
        await wizard.type("extra_parameters", "tenant=t")
        await wizard.type("authorization_details", '[{"type": "a"}]')
        await wizard.press("ctrl+s")
        await wizard.done()
        saved = wizard.app.state.profile
    parts = make_wizard(tmp_path)
    async with driving(run(tmp_path, store, parts.history)) as wizard:
        assert wizard.app.state.profile == saved
        wizard.configure.focus_field("bound_cert_ref")
        await wizard.rest()
        assert wizard.input("bound_cert_ref").value == "~/client.pem"
        assert wizard.field("bound_key_ref")._source == "saved"
        wizard.configure.query_one("#more").focus()
        await wizard.press("enter")
        assert "set: Details (RFC 9396), Extra parameters, Client certificate" in more(wizard)


def test_a_profile_s_private_keys_are_known_by_the_field_that_names_them() -> None:
    assert Profile(auth_method=AuthMethod.NONE, key_reference="x").key_references == {}
    both = replace(SIGNED, key_reference=" k ", mtls=MutualTls(True, " c ", ""))
    assert both.key_references == {"key_reference": "k", "mtls": "c"}
    assert replace(TLS, mtls=MutualTls(False, "c", "k")).key_references == {"mtls": "k"}

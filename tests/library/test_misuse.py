"""Parameters that a program can get wrong: each is refused at once, with its name and the way out."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
import weakref
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui import (
    AccessToken,
    CcflowError,
    ClientCertificate,
    ClientSecret,
    InputProblem,
    IssuerMismatch,
    PrivateKey,
    PublicClient,
    Secret,
    Target,
    TokenAuth,
    TokenCancelled,
    TokenClient,
    TokenMalformed,
    TokenRefused,
    TokenUnreachable,
)
from ccflow_tui.models.outcome import Cancelled, Malformed, Phase, Refused, Unreachable
from ccflow_tui.models.problems import (
    FieldProblem,
    FileTaken,
    FlowDisabled,
    PassphraseProblem,
    SecretStoreProblem,
    SettingsProblem,
    StoreFault,
)
from ccflow_tui.models.profile import AuthMethod
from tests.support.fakes import FakeClock, ScriptedTransport, json_response


def client(**changes: Any) -> TokenClient:
    given = {
        "token_endpoint": "https://as.example/token",
        "client_id": "orders",
        "credential": ClientSecret("s"),
    }
    return TokenClient(**given | changes)


async def ask(name: str, *arguments: object) -> object:
    """Call a method of a client, whose server grants a token."""
    granting = ScriptedTransport(json_response('{"access_token": "t", "token_type": "Bearer"}'))
    asked = client(transport=granting, clock=FakeClock())
    try:
        found = getattr(asked, name)(*arguments)
        return await found if isinstance(found, Awaitable) else found
    finally:
        assert not granting.requests


@pytest.mark.parametrize(
    ("make", "field", "way_out"),
    [
        (lambda: ClientSecret("s", "basic"), "auth_method", "client_secret_basic, client_secret_post"),
        (lambda: ClientSecret("s", "none"), "auth_method", "client_secret_jwt"),
        (lambda: ClientSecret("s", "private_key_jwt"), "auth_method", "client_secret_jwt"),
        (lambda: ClientSecret("s", encoding="latin"), "basic_encoding", "raw"),
        (lambda: ClientSecret("orders", "s3cr3t-value"), "auth_method", "client_secret_post"),
        (lambda: ClientSecret(b"s"), "client_secret", "str"),  # type: ignore[arg-type]
        (lambda: ClientSecret("s", "client_secret_jwt", alg=5), "alg", "str"),  # type: ignore[arg-type]
        (lambda: ClientSecret("s", audience=None), "audience", "str"),  # type: ignore[arg-type]
        (lambda: PrivateKey(None), "key_reference", "str"),  # type: ignore[arg-type]
        (lambda: PrivateKey(Path("key.pem")), "key_reference", "bytes of the key's file"),  # type: ignore[arg-type]
        (lambda: PrivateKey(b"\xff\xfe"), "key_reference", "openssl pkey"),
        (lambda: PrivateKey("PEM", kid=5), "kid", "str"),  # type: ignore[arg-type]
        (lambda: PrivateKey("PEM", passphrase=b"p"), "passphrase", "str"),  # type: ignore[arg-type]
        (lambda: ClientCertificate(None), "certificate", "path"),  # type: ignore[arg-type]
        (lambda: ClientCertificate("c.pem", b"k.pem"), "key", "path"),  # type: ignore[arg-type]
        (lambda: ClientCertificate("c.pem", self_signed="no"), "self_signed", "False"),  # type: ignore[arg-type]
        (lambda: ClientCertificate("c.pem", passphrase=b"p"), "passphrase", "str"),  # type: ignore[arg-type]
        (lambda: client(credential="s"), "credential", "ClientSecret"),
        (lambda: client(credential=ClientSecret), "credential", "ClientSecret"),
        (lambda: client(certificate="c.pem"), "certificate", "ClientCertificate"),
        (lambda: client(client_id=None), "client_id", "str"),
        (lambda: client(token_endpoint=b"https://as.example"), "token_endpoint", "str"),
        (lambda: client(issuer=5), "issuer", "str"),
        (lambda: client(scope=["read", "write"]), "scope", '"read write"'),
        (lambda: client(audience=["api"]), "audience", "str"),
        (lambda: client(resources="https://api.example"), "resources", "list"),
        (lambda: client(resources=[b"https://api.example"]), "resources", "list"),
        (lambda: client(resources=(each for each in ["https://api.example"])), "resources", "list"),
        (lambda: client(authorization_details={"type": "a"}), "authorization_details", '[{"type"'),
        (lambda: client(authorization_details=5), "authorization_details", '[{"type"'),
        (lambda: client(extra_parameters=None), "extra_parameters", '{"tenant"'),
        (lambda: client(dpop="no"), "dpop", "False"),
        (lambda: client(dpop_allow_bearer=1), "dpop_allow_bearer", "False"),
        (lambda: client(dpop_alg=None), "dpop_alg", "str"),
        (lambda: client(transport=object()), "transport", "exchange"),
        (lambda: client(transport=ScriptedTransport), "transport", "exchange"),
        (lambda: client(clock=5), "clock", "monotonic"),
        (lambda: client(attempts="4"), "attempts", "1"),
        (lambda: client(attempts=1.5), "attempts", "1"),
        (lambda: client(attempts=True), "attempts", "1"),
        (lambda: client(timeout="30"), "timeout", "30"),
        (lambda: client(timeout=Decimal(3)), "timeout", "30"),
        (lambda: client(timeout=10**400), "timeout", "30"),
        (lambda: client(refresh_ahead=math.nan), "refresh_ahead", "0"),
        (lambda: client(refresh_ahead=None), "refresh_ahead", "0"),
        (lambda: client().auth(5), "target", "Target"),  # type: ignore[arg-type]
        (lambda: client().auth(origin=None), "origin", "str"),  # type: ignore[arg-type]
        (lambda: TokenAuth("tokens"), "client", "TokenClient"),  # type: ignore[arg-type]
        (lambda: Target(scope=["read"]), "scope", '"read write"'),  # type: ignore[arg-type]
        (lambda: Target(audience=b"api"), "audience", "str"),  # type: ignore[arg-type]
        (lambda: Target(resources="https://api.example"), "resources", "list"),
        (lambda: Target(extra_parameters=5), "extra_parameters", '{"tenant"'),  # type: ignore[arg-type]
        (lambda: client(attempts=0), "attempts", "1"),
        (lambda: client(timeout=0), "timeout", "30"),
        (lambda: client(timeout=math.nan), "timeout", "30"),
        (lambda: client(timeout=math.inf), "timeout", "30"),
        (lambda: client(refresh_ahead=-1), "refresh_ahead", "0"),
    ],
)
def test_it_is_refused_before_anything_is_sent(make: Callable[[], object], field: str, way_out: str) -> None:
    with pytest.raises(InputProblem) as caught:
        make()
    assert caught.value.finding.field == field
    assert way_out in caught.value.finding.remedy
    assert "b's'" not in str(caught.value) and "s3cr3t" not in str(caught.value), "no secret is repeated"


@pytest.mark.parametrize(
    ("name", "arguments", "field"),
    [
        ("get_token", (5,), "target"),
        ("get_token", (["read"],), "target"),
        ("get_token", (Target,), "target"),
        ("fetch_token", (b"read",), "target"),
        ("replace_token", ("a token",), "refused"),
        ("adopt_token", ("a token",), "token"),
        ("prove", (b"GET", "https://api.example", None), "method"),
        ("prove", ("GET", None, None), "url"),
        ("prove", ("GET", "https://api.example", "a token"), "token"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
async def test_a_wrong_argument_is_refused_by_its_name(
    name: str, arguments: tuple[object, ...], field: str
) -> None:
    with pytest.raises(InputProblem) as caught:
        await ask(name, *arguments)
    assert caught.value.finding.field == field
    assert "a token" not in str(caught.value)


def test_L1_what_is_to_hide_is_wrapped_before_it_can_be_shown() -> None:
    for text in (b"s3cr3t", None, 5):
        with pytest.raises(TypeError, match="holds a str"):
            Secret(text)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Secret, not str") as caught:
        AccessToken("s3cr3t", "Bearer", 0.0, 0.0)  # type: ignore[arg-type]
    assert "s3cr3t" not in str(caught.value)


def test_the_parameters_of_a_client_stay_and_another_client_is_made_from_it() -> None:
    first = client()
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.scope = "write"  # type: ignore[misc]
    assert dataclasses.replace(first, scope="write").scope == "write"


def test_a_client_is_itself_and_nothing_else() -> None:
    first, second = client(), client()
    assert first != second and len({first, second, first}) == 2
    assert weakref.ref(first)() is first


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, pickle.dumps], ids=["copy", "deepcopy", "pickle"]
)
def test_L1_a_client_is_not_copied_and_no_secret_pickled(copied: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match=r"dataclasses\.replace"):
        copied(client())
    if copied is pickle.dumps:
        for credential in (ClientSecret("s"), PrivateKey("PEM"), ClientCertificate("c.pem")):
            with pytest.raises(TypeError, match="never pickled"):
                copied(credential)
    assert copied(PublicClient()) and copied(Target("read"))


ERRORS: list[CcflowError] = [
    TokenRefused(Refused("invalid_client", "no")),
    TokenUnreachable(Unreachable(Phase.TLS, "tls-expired", "The certificate has expired.")),
    TokenMalformed(Malformed("It is no JSON.", "bad-json")),
    TokenCancelled(Cancelled()),
    InputProblem("scope", "It is wrong.", "Mend it."),
    IssuerMismatch(FieldProblem("issuer", "Another one.", "Give that.", kind="other-issuer")),
    PassphraseProblem("It is missing.", field="mtls"),
    FileTaken("path", "It is there."),
    SettingsProblem(Path("settings.json"), "oauth", "It is wrong."),
    FlowDisabled("It is off."),
    SecretStoreProblem(StoreFault.LOCKED, "It is locked."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_whole_out_of_another_process(error: CcflowError) -> None:
    pickled = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    for again in (pickled, copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error) and vars(again) == vars(error)


def test_a_method_may_be_given_by_its_name() -> None:
    assert ClientSecret("s", "client_secret_post").method is AuthMethod.CLIENT_SECRET_POST

"""What a program may authenticate with."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from ccflow_tui import (
    ClientCertificate,
    ClientSecret,
    PrivateKey,
    PublicClient,
    Secret,
    TokenClient,
    TokenError,
    TokenRefused,
)
from ccflow_tui.library.credentials import ClientCredential
from ccflow_tui.models.problems import PassphraseProblem
from ccflow_tui.models.profile import MutualTls
from ccflow_tui.services.ports import Transport
from tests.library.test_client import ENDPOINT, GRANTED
from tests.oauth.key_material import PASSPHRASE, pem
from tests.support.client_certificates import issue, write
from tests.support.fakes import FakeClock, ScriptedTransport, json_response

SECRET = "CANARY-" + "s" * 40


def client(credential: ClientCredential, transport: Transport, **more: ClientCertificate) -> TokenClient:
    return TokenClient(
        token_endpoint=ENDPOINT,
        client_id="orders",
        credential=credential,
        transport=transport,
        clock=FakeClock(),
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "credential",
    [
        ClientSecret(SECRET, "client_secret_jwt"),
        PrivateKey(pem("Ed25519"), alg="Ed25519"),
        PrivateKey(pem("P-256", passphrase=PASSPHRASE), alg="ES256", passphrase=PASSPHRASE),
        PrivateKey(pem("P-256").encode(), alg="ES256"),
        PrivateKey(issue().pkcs12(PASSPHRASE), alg="ES256", passphrase=Secret(PASSPHRASE)),
    ],
)
async def test_credentials_that_sign(credential: ClientSecret | PrivateKey) -> None:
    transport = ScriptedTransport(json_response(GRANTED % "t"))
    async with client(credential, transport) as tokens:
        await tokens.get_token()
    form = parse_qs(transport.requests[0].body.decode())
    assert set(form) == {"grant_type", "client_id", "client_assertion_type", "client_assertion"}
    assert PASSPHRASE not in repr(credential) and "CANARY" not in repr(credential)


async def test_D19_a_missing_passphrase_is_told() -> None:
    key = PrivateKey(pem("P-256", passphrase=PASSPHRASE), alg="ES256")
    async with client(key, ScriptedTransport(json_response(GRANTED % "t"))) as tokens:
        with pytest.raises(PassphraseProblem, match="not known"):
            await tokens.get_token()


async def test_a_public_client_says_only_who_it_is() -> None:
    transport = ScriptedTransport(json_response(GRANTED % "t"))
    async with client(PublicClient(), transport) as tokens:
        assert (await tokens.get_token()).value.reveal() == "t"
    (request,) = transport.requests
    assert request.body == b"grant_type=client_credentials&client_id=orders"
    assert "Authorization" not in dict(request.headers)


@pytest.mark.parametrize("self_signed", [False, True])
async def test_F1_a_certificate_as_the_credential(tmp_path: Path, self_signed: bool) -> None:
    path = write(tmp_path / "c.p12", issue().pkcs12(PASSPHRASE))
    transport = ScriptedTransport(json_response(GRANTED % "t"))
    credential = ClientCertificate(Path(path), passphrase=PASSPHRASE, self_signed=self_signed)
    async with client(credential, transport) as tokens:
        await tokens.warm()
        await tokens.get_token()
        assert tokens._profile.client_tls == MutualTls(True, path)
    assert transport.requests[0].body == b"grant_type=client_credentials&client_id=orders"


async def test_F1_a_certificate_beside_another_credential(tmp_path: Path) -> None:
    issued = issue()
    certificate = ClientCertificate(
        write(tmp_path / "c.pem", issued.pem()),
        write(tmp_path / "k.pem", issued.key_pem(PASSPHRASE)),
        PASSPHRASE,
    )
    transport = ScriptedTransport(json_response(GRANTED % "t"))
    async with client(ClientSecret(SECRET), transport, certificate=certificate) as tokens:
        await tokens.get_token()
        assert tokens._profile.client_tls.enabled
        assert await tokens._parts.fetcher.certificates.thumbprint(tokens._profile.client_tls)
    assert dict(transport.requests[0].headers)["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("credential", "encoded"),
    [
        (ClientSecret("a+b"), True),
        (ClientSecret("a+b%", encoding="raw"), True),
        (ClientSecret("plain-1_2.3~4"), False),
        (ClientSecret("a+b", "client_secret_post"), None),
    ],
)
@pytest.mark.parametrize("body", ['{"error":"invalid_client"}', ""])
async def test_A1_a_refusal_knows_whether_encoding_changed_the_credentials(
    credential: ClientSecret, encoded: bool | None, body: str
) -> None:
    async with client(credential, ScriptedTransport(json_response(body, 403))) as tokens:
        with pytest.raises(TokenError) as caught:
            await tokens.get_token()
    assert caught.value.outcome.exchange.basic_encoded is encoded


async def test_L1_a_passphrase_is_still_masked_after_more_tokens_than_are_remembered() -> None:
    key = PrivateKey(pem("P-256", passphrase=PASSPHRASE), alg="ES256", passphrase=PASSPHRASE)
    refusal = json_response(f'{{"error": "invalid_client", "error_description": "saw {PASSPHRASE}"}}', 401)
    grants = [json_response(GRANTED % f"token-{number}") for number in range(40)]
    async with client(key, ScriptedTransport(*grants, refusal)) as tokens:
        for number in range(40):
            await tokens.get_token(f"scope-{number}")
        with pytest.raises(TokenRefused) as caught:
            await tokens.get_token("another")
    assert PASSPHRASE not in f"{caught.value}{caught.value.outcome!r}"
    assert "saw" in caught.value.outcome.description

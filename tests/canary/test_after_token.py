"""All that happens around a token at once: consent, DPoP, mutual TLS, questions about it, taking it back."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey
from textual.pilot import Pilot

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import AuthMethod, EndpointMode, MutualTls
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.dpop import DPOP_HEADER
from ccflow_tui.screens.confirm import ConfirmDialog
from ccflow_tui.services.ports import WireRequest, WireResponse
from ccflow_tui.widgets.inspection_view import InspectionView
from tests.canary.answers import everything, response
from tests.canary.canaries import jwk as dpop_key
from tests.canary.canaries import jwt, private_key, secret
from tests.canary.keyrings import MemoryKeyring
from tests.canary.stage import BASIC, Stage, make_stage
from tests.oauth.signed_tokens import CLAIMS, jwk, jwks, key, sign
from tests.support.client_certificates import issue, write
from tests.support.patience import patiently

pytestmark = pytest.mark.usefixtures("still_cursor")

SIZE = (100, 30)
TYPED, PASSPHRASE, KEY = secret("typed secret"), secret("typed passphrase"), private_key("client key")
AT = "https://login.example"
METADATA = {
    "issuer": "https://as.example",
    "token_endpoint": f"{AT}/token",
    "introspection_endpoint": f"{AT}/introspect",
    "revocation_endpoint": f"{AT}/revoke",
    "jwks_uri": f"{AT}/jwks",
}
PROFILE = replace(
    BASIC,
    name="everything",
    endpoint_mode=EndpointMode.ISSUER,
    issuer="https://as.example",
    token_endpoint="",
    auth_method=AuthMethod.CLIENT_SECRET_JWT,
    assertion_alg="HS256",
    extra_parameters=(("tenant", "one"),),
    authorization_details='[{"type": "account"}]',
    dpop=True,
)


class Server:
    """Publishes metadata and keys, wants a nonce, and repeats what it was told wherever it can."""

    def __init__(self, keyring: MemoryKeyring) -> None:
        self.keyring = keyring
        self.stage: Stage | None = None
        self.asked: list[str] = []
        self.wants_nonce = {"/token", "/v1/things"}
        self.revokes = False

    def __call__(self, request: WireRequest) -> WireResponse:
        path, said = urlsplit(request.url).path, everything(request)
        self.asked.append(path)
        if path.startswith("/.well-known/"):
            return response(200, json.dumps(METADATA))
        if path == "/jwks":
            return response(200, jwks(jwk(key("RSA"))).decode())
        if path in self.wants_nonce:
            self.wants_nonce.remove(path)
            challenge = ("www-authenticate", f'DPoP error="use_dpop_nonce", error_description="{said}"')
            body = json.dumps({"error": "use_dpop_nonce", "error_description": said})
            status = 400 if path == "/token" else 401
            return response(status, body, "application/json", challenge, ("dpop-nonce", "nonce-one"))
        if path == "/introspect":
            return response(200, json.dumps({"active": True, "username": said, "nested": {"deep": [said]}}))
        if path == "/revoke":
            return response(200, "") if self.revokes else response(503, said, "text/plain")
        return self._token(request) if path == "/token" else response(200, json.dumps({"you sent": said}))

    def _token(self, request: WireRequest) -> WireResponse:
        """Grant a token that is bound to the key in the proof; key and token are canaries from now on."""
        assert self.stage is not None
        (stored,) = (text for text in self.keyring.entries.values() if text.startswith('{"'))
        proof = dict(request.headers)[DPOP_HEADER]
        public = json.loads(_decoded(proof.split(".")[0]))["jwk"]
        token = sign({**CLAIMS, "iss": METADATA["issuer"], "cnf": {"jkt": _thumbprint(public)}})
        self.stage.searcher.plant(dpop_key("DPoP key", stored), jwt("access token", token))
        members = {"access_token": token, "token_type": "DPoP", "expires_in": 3600, "tenant": "two"}
        return response(200, json.dumps(members))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "==")


def _thumbprint(public: dict[str, str]) -> str:
    return ECKey.import_key(public).thumbprint()  # type: ignore[arg-type]  # its own type is invariant


def make(scene: Path, keyring: MemoryKeyring) -> tuple[Stage, Server]:
    """Wire the wizard with a certificate whose key is locked by a passphrase that was typed."""
    client = issue(key=load_pem_private_key(KEY.text.encode(), None))
    packed = write(scene / "client.p12", client.pkcs12(PASSPHRASE.text))
    server = Server(keyring)
    profile = replace(PROFILE, mtls=MutualTls(True, packed))
    stage = make_stage(scene, server, TYPED, PASSPHRASE, KEY, profile=profile)
    stage.machine.engine.remember_passphrase(packed, Secret(PASSPHRASE.text))
    server.stage = stage
    return stage, server


async def until_asked(
    stage: Stage, pilot: Pilot[int], where: str, *, in_fields: tuple[str, ...] = ()
) -> None:
    """Wait for a question, and look at it; ``in_fields`` names what was typed and still waits there."""
    for _ in patiently():
        await pilot.pause()
        if isinstance(stage.app.screen, ConfirmDialog):
            break
    stage.search(where, allowed=in_fields)
    stage.searcher.look(f"a picture of {where}", stage.app.export_screenshot())
    assert isinstance(stage.app.screen, ConfirmDialog), where


async def get_token(stage: Stage, pilot: Pilot[int], server: Server) -> None:
    """Type the secret, allow the other host, and send."""
    await stage.press_only(pilot)
    await stage.enter_secret(pilot, TYPED)
    await pilot.press("ctrl+j")
    await until_asked(stage, pilot, "the question about another host", in_fields=("typed secret",))
    assert "/token" not in server.asked
    await pilot.click("#confirm")
    await stage.press(pilot)
    assert stage.app.state.step is Step.BUILD and stage.app.state.request is not None
    assert "Client certificate" in stage.app.state.request.facts
    await stage.press_only(pilot, "ctrl+j")
    await stage.press(pilot, "ctrl+j")
    assert stage.app.state.step is Step.TOKEN and server.asked.count("/token") == 2


async def sign_out(stage: Stage, pilot: Pilot[int]) -> None:
    await pilot.press("x")
    await until_asked(stage, pilot, "the question before revoking")
    await stage.press_only(pilot, "right", "right", "enter")  # a toast may lie over the button


async def test_L1_consent_dpop_mutual_tls_inspection_and_revocation(
    scene: Path, memory_keyring: MemoryKeyring
) -> None:
    stage, server = make(scene, memory_keyring)
    async with stage.app.run_test(size=SIZE, notifications=True, message_hook=stage.hear) as pilot:
        await get_token(stage, pilot, server)
        shown = stage.app.screen.query_one(InspectionView)
        await stage.press(pilot, "i")
        assert "is active" in str(shown.content) and "/introspect" in server.asked
        await stage.press(pilot, "k")
        assert "Signature" in str(shown.content) and "/jwks" in server.asked
        await stage.call_api(pilot)
        assert stage.app.state.resource is not None and stage.app.state.resource.status == 200
        assert server.asked.count("/v1/things") == 2
        await sign_out(stage, pilot)
        assert any(notice.title == "Not revoked" for notice in stage.app._notifications)
        stage.search_all("not revoked")
        assert {canary.name for canary in stage.searcher.canaries} >= {
            "DPoP key",
            "DPoP proof",
            "access token",
        }
        server.revokes = True
        await sign_out(stage, pilot)
        assert stage.app.state.token is None and server.asked.count("/revoke") == 2
        stage.search_all("revoked and signed out")
        assert not memory_keyring.entries, "signing out left something in the keyring"
    await stage.close()
    sent = repr([(request.headers, request.body) for request in stage.transport.requests])
    assert stage.searcher.names_in(sent) == {"DPoP proof", "client assertion", "access token"}
    stage.searcher.check()

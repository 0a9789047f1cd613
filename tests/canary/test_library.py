"""The library in a program that logs everything and prints every exception with its local variables."""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from collections.abc import Iterator

import httpx
import pytest

from ccflow_tui import (
    CcflowError,
    ClientCertificate,
    ClientSecret,
    InputProblem,
    PrivateKey,
    TokenClient,
)
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.canary.answers import everything, granting, page, refusing, response, told
from tests.canary.canaries import Canary, Searcher, jwt, private_key, secret, token
from tests.canary.places import search_objects
from tests.canary.program import serving

SECRET, TOKEN, KEY = secret("client secret"), token("access token"), private_key("private key")
PASSPHRASE = secret("passphrase")


class Listener(logging.Handler):
    """Keeps every record as a file would have it, with its arguments."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {self.format(record)} {record.args!r} {record.exc_text}")


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Listen to every logger there is, as ``logging.basicConfig(level=DEBUG)`` does."""
    root, handler = logging.getLogger(), Listener()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def shown(error: BaseException) -> str:
    """Return what the most talkative of crash reporters would send away."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    return f"{''.join(report.format())} {error!r} {error.args!r} {vars(error)!r}"


def as_json(status: int, text: str) -> WireResponse:
    return response(status, text, "application/json", ("www-authenticate", f'Bearer error="{text}"'))


async def fail(client: TokenClient, searcher: Searcher, where: str) -> None:
    """Ask for a token that is not to be had, and look at how that is said."""
    with pytest.raises(CcflowError) as caught:
        await client.get_token()
    searcher.look(f"the exception of {where}", shown(caught.value))


async def test_L1_a_program_that_logs_at_debug_level_sees_no_secret(listener: Listener) -> None:
    """Over real HTTP: the loggers of the HTTP library tell headers of answers, which repeat the secret."""
    searcher = Searcher(SECRET, TOKEN)
    answers = {"refused": refusing(), "page": page, "told": lambda request: as_json(500, told(request))}
    current = granting(TOKEN.text)

    def answer_now(request: WireRequest) -> WireResponse:
        if "client_assertion=" in request.body.decode():
            searcher.plant(jwt("client assertion", told(request)))
        return current(request)

    with serving(answer_now) as base:
        for method in ("client_secret_basic", "client_secret_post", "client_secret_jwt"):
            client = TokenClient(
                client_id="app",
                credential=ClientSecret(SECRET.text, method),
                token_endpoint=f"{base}/token",
                attempts=1,
                extra_parameters={"tenant": "one"},
            )
            async with client:
                for name, answer in answers.items():
                    current = answer
                    await fail(client, searcher, name)
                current = granting(TOKEN.text)
                held = await client.get_token()
                assert held.value.reveal() == TOKEN.text
                searcher.look(
                    "what it shows", f"{client!r} {held!r} {client.auth()!r} {vars(client.auth())!r}"
                )
                await asyncio.sleep(0)
    lines = "\n".join(listener.lines)
    assert "token acquired" in lines
    searcher.look("the log", lines)
    search_objects(searcher)
    searcher.check()


def api(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/broken":
        raise httpx.ReadError("gone", request=request)
    said = everything(WireRequest(request.method, str(request.url), tuple(request.headers.items()), b""))
    return httpx.Response(401, headers={"WWW-Authenticate": f'Bearer error="{said}"'}, text=said)


async def test_L1_the_httpx_auth_shows_no_token_in_what_is_raised(listener: Listener) -> None:
    searcher = Searcher(SECRET, TOKEN)
    with serving(granting(TOKEN.text)) as base:
        client = TokenClient(
            client_id="app", credential=ClientSecret(Secret(SECRET.text)), token_endpoint=f"{base}/token"
        )
        async with (
            client,
            httpx.AsyncClient(transport=httpx.MockTransport(api), auth=client.auth()) as session,
        ):
            answer = await session.get("https://api.example/things")
            assert answer.status_code == 401 and searcher.names_in(answer.text) == {"access token"}
            for url in ("https://api.example/broken", "http://api.example/plain"):
                with pytest.raises((httpx.ReadError, CcflowError)) as caught:
                    await session.get(url)
                searcher.look(f"what {url} raised", shown(caught.value))
    lines = "\n".join(listener.lines)
    assert "https://api.example/things" in lines, "the program's own requests are its own business"
    assert f"{base}/token" not in lines
    searcher.look("the log", lines)
    searcher.check()


def encrypted(key: Canary) -> str:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    native = load_pem_private_key(key.text.encode(), None)
    lock = BestAvailableEncryption(PASSPHRASE.text.encode())
    return native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()


@pytest.mark.parametrize("given", [(KEY.text,), ("client.pem", KEY.text)])
def test_L1_a_key_in_place_of_its_path_is_refused_before_anything_shows_it(given: tuple[str, ...]) -> None:
    searcher = Searcher(KEY)
    with pytest.raises(InputProblem, match=r"mtls: This is a .* itself") as caught:
        ClientCertificate(*given)
    searcher.look("the problem", f"{caught.value!r} {caught.value.finding!r}")
    searcher.check()


@pytest.mark.parametrize(
    ("key", "passphrase", "alg"),
    [
        (KEY.text, "", "ES256"),
        (KEY.text[:900], "", "RS256"),
        ("encrypted", PASSPHRASE.text[:-1], "RS256"),
        ("encrypted", PASSPHRASE.text, "PS256"),
    ],
    ids=["another algorithm", "half a key", "wrong passphrase", "granted"],
)
async def test_L1_a_key_and_its_passphrase(listener: Listener, key: str, passphrase: str, alg: str) -> None:
    searcher = Searcher(KEY, PASSPHRASE, TOKEN)
    credential = PrivateKey(
        Secret(encrypted(KEY) if key == "encrypted" else key), alg=alg, passphrase=Secret(passphrase)
    )
    searcher.look("the credential", repr(credential))
    with serving(granting(TOKEN.text)) as base:
        client = TokenClient(
            client_id="app", credential=credential, token_endpoint=f"{base}/token", dpop=True
        )
        async with client:
            # The server grants a bearer token, so that not even the right key ends with a token.
            await fail(client, searcher, alg)
    searcher.look("the log", "\n".join(listener.lines))
    gc.collect()
    searcher.check()

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ccflow_tui.models.profile import BasicEncoding, EndpointMode, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import ClientAssertion, Pair, TokenRequest, percent_encode
from ccflow_tui.oauth.client_auth import ClientAuthentication
from ccflow_tui.oauth.client_auth_jwt import AssertionAuthentication
from ccflow_tui.oauth.client_auth_secret import ClientSecretBasic, ClientSecretPost
from ccflow_tui.oauth.curl import as_curl
from ccflow_tui.oauth.token_request import assemble_token_request

SHELLS = [name for name in ("sh", "bash", "zsh") if shutil.which(name)]
needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and SHELLS and os.name == "posix"), reason="no curl or no POSIX shell here"
)
SECRET = "CANARY %+&=:/?~._-'\"\\$HOME`id`!*\t ü秘 end"
ODD_ID = "it's a:b%+$HOME\"`id`ü"
JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhcHAifQ.CANARY-_sig"
VARIABLES = {"CLIENT_SECRET": SECRET, "CLIENT_ASSERTION": JWT}
METHODS: dict[str, ClientAuthentication] = {
    "basic": ClientSecretBasic(ODD_ID, Secret(SECRET)),
    "raw basic": ClientSecretBasic(ODD_ID.replace(":", ""), Secret(SECRET), BasicEncoding.RAW),
    "long basic": ClientSecretBasic("app", Secret(SECRET)),
    "post": ClientSecretPost(ODD_ID, Secret(SECRET)),
    "jwt": AssertionAuthentication(ODD_ID, ClientAssertion(Secret(JWT), {}, {"sub": ODD_ID})),
}


def request_to(url: str, method: str) -> TokenRequest:
    profile = Profile(
        endpoint_mode=EndpointMode.MANUAL,
        token_endpoint=url,
        audience="it's $AUD `id` !",
        resources=("https://api.example/?q='a'&b=(c)*!;", "urn:r:2"),
        authorization_details='[{"type": "it\'s", "locations": ["$HOME `id` \\"é\\""]}]',
        extra_parameters=(("tenant", "a'b $c & d"),),
    )
    return assemble_token_request(
        profile=profile,
        authentication=METHODS[method],
        scope_text="p1:read a'b$c`d!",
        user_agent="ccflow/1.0",
    )


class OneShotServer:
    """Takes one HTTP request on loopback and keeps its bytes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.port = self._socket.getsockname()[1]
        self._worker = ThreadPoolExecutor(1)
        self._received = self._worker.submit(self._serve)

    def received(self) -> tuple[str, list[tuple[str, str]], bytes]:
        head, _, body = self._received.result(timeout=10).partition(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        return start, [(name, value) for name, _, value in (line.partition(": ") for line in lines)], body

    def close(self) -> None:
        self._socket.close()
        self._worker.shutdown()

    def _serve(self) -> bytes:
        connection, _ = self._socket.accept()
        with connection:
            connection.settimeout(10)
            data = b""
            while not self._is_whole(data):
                data += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        return data

    @staticmethod
    def _is_whole(data: bytes) -> bool:
        head, found, body = data.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return bool(found) and len(body) >= int(length)


@pytest.fixture
def server() -> Iterator[OneShotServer]:
    server = OneShotServer()
    yield server
    server.close()


def run(command: str, shell: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **VARIABLES, "no_proxy": "127.0.0.1", "CURL_HOME": "/nonexistent"}
    return subprocess.run(
        [shell, "-c", command], env=environment, capture_output=True, text=True, timeout=20, check=False
    )


@needs_curl
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("method", METHODS)
def test_A7_command_sends_the_bytes_of_the_request(server: OneShotServer, method: str, shell: str) -> None:
    request = request_to(f"http://127.0.0.1:{server.port}/token?x='a'&y=$HOME!*(1)", method)
    done = run(as_curl(request), shell)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "{}"
    start, headers, body = server.received()
    assert start == "POST /token?x='a'&y=$HOME!*(1) HTTP/1.1"
    assert body == request.body()
    assert sorted(headers) == sorted(request.wire_headers())
    ours = [name for name, _ in request.wire_headers() if name != "Content-Length"]
    assert [name for name, _ in headers if name != "Content-Length"] == ours


@needs_curl
def test_command_works_without_any_secret(server: OneShotServer) -> None:
    request = request_to(f"http://127.0.0.1:{server.port}/", "basic")
    bare = replace(request, headers=tuple(pair for pair in request.headers if pair.name != "Authorization"))
    command = as_curl(bare)
    assert "|" not in command.replace("a'b$c`d!", "")
    assert run(command, "sh").returncode == 0
    assert server.received()[2] == request.body()


@pytest.mark.parametrize("method", METHODS)
def test_L1_command_holds_no_secret_but_its_variable(method: str) -> None:
    request = request_to("https://as.example/token", method)
    command = as_curl(request)
    for form in (SECRET, percent_encode(SECRET), JWT, "CANARY"):
        assert form not in command
    for _, value in request.wire_headers():
        assert not value.startswith("Basic ") or value[6:] not in command
    assert ("$CLIENT_ASSERTION" if method == "jwt" else "$CLIENT_SECRET") in command


@pytest.mark.parametrize("method", METHODS)
def test_L1_secret_is_piped_and_never_an_argument(method: str) -> None:
    command = as_curl(request_to("https://as.example/token", method))
    piped, curl = command.split("|\ncurl ")
    assert "$CLIENT_" in piped
    assert "$CLIENT_" not in curl
    assert "@-" in curl


def test_command_stands_on_several_lines() -> None:
    lines = as_curl(request_to("https://as.example/token", "jwt")).splitlines()
    assert lines[1] == "curl https://as.example/token \\"
    assert all(line.endswith("\\") for line in lines[1:-1])
    assert "percent_encode()" not in "".join(lines)


def test_secret_without_placeholder_gets_a_variable_of_its_name() -> None:
    request = TokenRequest("https://as.example/t", (Pair("X-Api-Key", Secret("CANARY")),), ())
    command = as_curl(request)
    assert 'X-Api-Key: $X_API_KEY"' in command
    assert "CANARY" not in command


def test_two_secrets_are_refused() -> None:
    pairs = (Pair("a", Secret("CANARY")), Pair("b", Secret("CANARY")))
    with pytest.raises(ValueError, match="one secret") as caught:
        as_curl(TokenRequest("https://as.example/t", (), pairs))
    assert "CANARY" not in str(caught.value)

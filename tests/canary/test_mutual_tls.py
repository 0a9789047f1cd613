"""A client certificate in use: its key on its way to OpenSSL, and what a process leaves that was killed."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ccflow_tui.exit_codes import DONE
from tests.canary.answers import granting
from tests.canary.canaries import Searcher, private_key, secret, token
from tests.canary.places import search_files
from tests.canary.program import ROOT, command, run, serving, surroundings
from tests.support.client_certificates import issue, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are killed here by POSIX signals")

PASSPHRASE, KEY, TOKEN = secret("passphrase"), private_key("client key"), token("access token")
WATCHING = """
import os, shutil, ssl
load = ssl.SSLContext.load_cert_chain
def load_cert_chain(self, certfile, *rest, **more):
    {then}
    return load(self, certfile, *rest, **more)
ssl.SSLContext.load_cert_chain = load_cert_chain
"""
KEEP_A_COPY = "shutil.copy2(certfile, os.environ['HOME'])"
DIE = "os.kill(os.getpid(), 9)"


class Client:
    """What ``ccflow token`` is given: a PKCS#12 file that both signs and is presented, and its passphrase."""

    def __init__(self, scene: Path, then: str = "pass") -> None:
        self.scene, self.authority = scene, trustme.CA()
        self.issued = issue(key=load_pem_private_key(KEY.text.encode(), None), issuer=issue(usages=None))
        (scene / "tmp" / "sitecustomize.py").write_text(WATCHING.format(then=then), encoding="utf-8")
        self.authority.cert_pem.write_to_path(scene / "authority.pem")
        packed = write(scene / "client.p12", self.issued.pkcs12(PASSPHRASE.text))
        self.variables = {
            "CCFLOW_CLIENT_ID": "client-one",
            "CCFLOW_AUTH_METHOD": "private_key_jwt",
            "CCFLOW_PRIVATE_KEY": packed,
            "CCFLOW_MTLS_CERT": packed,
            "CCFLOW_KEY_PASSPHRASE": PASSPHRASE.text,
            "SSL_CERT_FILE": str(scene / "authority.pem"),
            "PYTHONPATH": f"{scene / 'tmp'}{os.pathsep}{ROOT}",
        }

    def server_context(self) -> ssl.SSLContext:
        """Return the context of a server that takes nobody without the certificate."""
        assert self.issued.issuer is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1").configure_cert(context)
        context.load_verify_locations(cadata=self.issued.issuer.pem().decode())
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def left_behind(self) -> list[Path]:
        return [path for path in self.scene.rglob("ccflow-*.pem") if path.is_file()]

    def search(self, *said: str) -> None:
        searcher = Searcher(PASSPHRASE, KEY)
        search_files(searcher, self.scene)
        for text in said:
            searcher.look("what was printed", text)
        searcher.check()


def check_locked(path: Path) -> None:
    """Check that only its owner can read a file, and that the passphrase we know does not open it."""
    content = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"BEGIN CERTIFICATE" in content and b"BEGIN ENCRYPTED PRIVATE KEY" in content
    pem = content[content.index(b"-----BEGIN ENCRYPTED") :]
    with pytest.raises(TypeError):
        load_pem_private_key(pem, None)
    with pytest.raises(ValueError, match=r"(?i)password|decrypt"):
        load_pem_private_key(pem, PASSPHRASE.text.encode())


def test_F6_L1_the_key_is_locked_while_openssl_reads_it_and_gone_afterwards(scene: Path) -> None:
    client = Client(scene, KEEP_A_COPY)
    with serving(granting(TOKEN.text), client.server_context()) as base:
        done = run(
            scene,
            "--log-file",
            str(scene / "log"),
            "token",
            "-v",
            CCFLOW_TOKEN_ENDPOINT=f"{base}/token",
            **client.variables,
        )
    assert (done.returncode, done.stdout) == (DONE, f"{TOKEN.text}\n"), done.stderr
    (copy,) = client.left_behind()
    assert copy.parent == scene / "home", "the file itself is still there"
    check_locked(copy)
    client.search(done.stdout, done.stderr)


@pytest.mark.parametrize("moment", ["while OpenSSL reads the key", "in the handshake"])
def test_F6_L1_a_process_killed_leaves_no_key_that_anybody_could_open(scene: Path, moment: str) -> None:
    """In the handshake the file is gone already; before, its passphrase died with the process."""
    reading = moment == "while OpenSSL reads the key"
    client = Client(scene, DIE if reading else "pass")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        process = subprocess.Popen(
            command("token", "-v"),
            env=surroundings(
                scene,
                CCFLOW_TOKEN_ENDPOINT=f"https://127.0.0.1:{silent.getsockname()[1]}/token",
                **client.variables,
            ),
            cwd=scene / "work",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if not reading:
            connection, _ = silent.accept()
            assert connection.recv(1) == b"\x16", "this is no TLS handshake"
            process.kill()
            connection.close()
        said, _ = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL, said
    left = client.left_behind()
    assert len(left) == reading
    for path in left:
        check_locked(path)
    client.search(said)

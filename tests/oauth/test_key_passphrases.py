"""Encrypted private keys: three causes, three texts (D19), and nothing of the key in any of them."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.models.problems import KeyProblem, PassphraseProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.keys import load_signing_key
from tests.oauth.key_material import PASSPHRASE, native, pem, signing_key

EVERY_STYLE = pytest.mark.parametrize(
    ("kind", "style"),
    [
        *(
            (kind, style)
            for kind in ("RSA", "P-256", "P-384", "P-521")
            for style in ("PKCS8", "TraditionalOpenSSL")
        ),
        ("Ed25519", "PKCS8"),
    ],
)


@EVERY_STYLE
def test_D19_the_right_passphrase_opens_every_kind(kind: str, style: str) -> None:
    text = Secret(pem(kind, style=style, passphrase=PASSPHRASE))
    assert load_signing_key(text, passphrase=Secret(PASSPHRASE)) == signing_key(kind)


@EVERY_STYLE
def test_D19_needed_and_wrong_are_told_apart(kind: str, style: str) -> None:
    text = Secret(pem(kind, style=style, passphrase=PASSPHRASE))
    with pytest.raises(PassphraseProblem, match="passphrase is not known") as needed:
        load_signing_key(text)
    assert "CCFLOW_KEY_PASSPHRASE" in needed.value.finding.remedy
    with pytest.raises(PassphraseProblem, match="does not open") as wrong:
        load_signing_key(text, passphrase=Secret("CANARY-wrong"))
    for problem in (needed.value, wrong.value):
        assert problem.finding.field == "key_reference"
        assert problem.__cause__ is None
        assert "CANARY" not in str(problem)


@pytest.mark.parametrize("style", ["PKCS8", "TraditionalOpenSSL"])
def test_D19_a_damaged_encrypted_key_is_not_blamed_on_the_passphrase(style: str) -> None:
    text = pem("P-256", style=style, passphrase=PASSPHRASE)
    lines = text.splitlines()
    body = next(index for index, line in enumerate(lines) if len(line) == 64)
    cut = "\n".join([*lines[:body], lines[body][:60], *lines[body + 1 :]])
    strange = text.replace(lines[body], "!" + lines[body][1:])
    for damaged in (cut, strange):
        for passphrase in (None, Secret(PASSPHRASE)):
            with pytest.raises(KeyProblem, match="damaged or incomplete") as caught:
                load_signing_key(Secret(damaged), passphrase=passphrase)
            assert not isinstance(caught.value, PassphraseProblem)


def test_D19_a_wrong_passphrase_is_told_as_such_every_time() -> None:
    """Once in some hundred times it decrypts to what looks like padding, and the library says otherwise."""
    text = Secret(_quick_pem())
    for number in range(600):
        with pytest.raises(PassphraseProblem, match="does not open"):
            load_signing_key(text, passphrase=Secret(f"wrong {number}"))


def _quick_pem() -> str:
    """Return a key in the legacy form, whose passphrase is stretched by next to nothing."""
    data: bytes = native("P-256").private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"right")
    )
    return data.decode()


@settings(deadline=None)  # a busy machine is no failure
@given(st.binary(max_size=200), st.sampled_from(["", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"]))
def test_D19_any_content_is_refused_without_a_traceback(content: bytes, header: str) -> None:
    label = "RSA PRIVATE KEY" if header else "ENCRYPTED PRIVATE KEY"
    body = base64.b64encode(content).decode()
    text = Secret(f"-----BEGIN {label}-----\n{header}{body}\n-----END {label}-----")
    for passphrase in (None, Secret("x")):
        with pytest.raises(KeyProblem):
            load_signing_key(text, passphrase=passphrase)

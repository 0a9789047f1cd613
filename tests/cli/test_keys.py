"""``ccflow keys``: kept keys listed, made and exported by scripts, with public halves only on stdout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ccflow_tui import exit_codes
from ccflow_tui.cli import main
from tests.cli.program import said_by_keys as said
from tests.cli.program import write_settings

Capture = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("encrypted_file")
def test_a_key_is_made_listed_and_exported(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCFLOW_TRUST_FOLDER", str(folder))
    assert said(capsys)[0] == "no private key is kept\n"
    made, _ = said(capsys, "generate", "orders")
    assert made.startswith("orders  ") and "EC P-256" in made and "ES256" in made
    write_settings(folder / "settings.json", {}, profiles={"prod": {"assertion": {"key": "keyring:orders"}}})
    listed, _ = said(capsys, "--json")
    (key,) = json.loads(listed)
    assert (key["name"], key["used_by"], key["store"]) == ("orders", ["prod"], "encrypted file")
    text, _ = said(capsys)
    assert f"key ID: {key['kid']}" in text and "used by: prod" in text and "missing" not in text
    jwks, note = said(capsys, "export", "orders", "--kid", "mine")
    (jwk,) = json.loads(jwks)["keys"]
    assert (jwk["kid"], jwk["alg"]) == ("mine", "ES256") and "d" not in jwk and "ES256" in note
    pem, _ = said(capsys, "export", "orders", "--form", "pem")
    certificate, note = said(capsys, "export", "orders", "--form", "certificate")
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert public == load_pem_public_key(pem.encode()) and "365 days" in note
    assert [path.name for path in (folder.parent / "home").glob("*.json")] == ["keys.json"]


@pytest.mark.usefixtures("encrypted_file")
@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("RSA 2048", "RSA 2048 bit"),
        ("rsa-3072", "RSA 3072 bit"),
        ("p384", "EC P-384"),
        ("ed25519", "Ed25519"),
    ],
)
def test_kinds_are_understood_however_they_are_written(kind: str, label: str, capsys: Capture) -> None:
    assert label in said(capsys, "generate", "orders", "--kind", kind)[0]


@pytest.mark.usefixtures("encrypted_file")
def test_what_cannot_be_done_ends_with_code_2_and_the_reason(capsys: Capture) -> None:
    said(capsys, "generate", "orders")
    for arguments, reason in (
        (("generate", "Orders"), "There is a key “orders” already"),
        (("generate", " "), "needs a name"),
        (("export", "ghost"), "“ghost” is missing"),
        (("export", "orders", "--alg", "RS256"), "Choose ES256"),
    ):
        assert reason in said(capsys, *arguments, code=exit_codes.UNUSABLE)[1]
    for wrong in (["keys", "generate", "x", "--kind", "DSA"], ["keys", "export", "x", "--form", "der"]):
        with pytest.raises(SystemExit) as left:
            main(wrong)
        assert left.value.code == exit_codes.UNUSABLE
        assert "RSA-2048" in (err := capsys.readouterr().err) or "certificate" in err
    with pytest.raises(SystemExit):
        main(["--demo", "keys"])
    assert "leave it out" in capsys.readouterr().err


@pytest.mark.parametrize("store", ["memory", "", "locked"])
def test_a_key_that_would_not_outlast_the_command_is_refused(
    store: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    if store == "locked":
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.cli.test_keys.Locked")
    else:
        monkeypatch.setenv("CCFLOW_SECRET_STORE", store)
    _, err = said(capsys, "generate", "orders", code=exit_codes.UNUSABLE)
    assert "would be gone when this command ends" in err and "CCFLOW_SECRET_STORE=file" in err
    assert said(capsys)[0] == "no private key is kept\n"
    assert not (folder.parent / "home" / "keys.json").exists() or store == "locked"


class Locked:
    """A keyring that keyring loads by its name, and that tells when it is used that it is locked."""

    priority = 9

    def set_properties_from_env(self) -> None:
        """Take nothing from the environment."""

    def get_password(self, service: str, username: str) -> Any:
        from keyring.errors import KeyringLocked

        raise KeyringLocked

    set_password = delete_password = get_password


@pytest.mark.usefixtures("encrypted_file")
def test_an_answer_that_nobody_takes_has_its_own_code(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def full(_: str) -> str:
        return "No space left on device"

    monkeypatch.setattr("ccflow_tui.output.put_out", full)
    assert "No space left" in said(capsys, code=exit_codes.NOT_WRITTEN)[1]

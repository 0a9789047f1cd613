"""Secrets that one profile has from another, and the passphrases of keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import client_secret_name, passphrase_name
from ccflow_tui.services.credentials import CredentialSource, Variables
from ccflow_tui.services.ports import Credential
from tests.services.test_credentials import CANARY, ELSEWHERE, NAMED, PROFILE, KeyringLike
from tests.support.fakes import DictStore

COPY = replace(PROFILE, name="copy")


async def test_a_secret_is_shared_with_the_same_client_at_the_same_server_only() -> None:
    store = KeyringLike()
    source = CredentialSource(store, Variables({}, {}), lambda _: None)
    await source.share(PROFILE, COPY)  # there is none
    store.secrets[client_secret_name(PROFILE)] = Secret(CANARY)
    for other in (replace(COPY, client_id="xyz"), replace(ELSEWHERE, name="copy")):
        await source.share(PROFILE, other)
        with pytest.raises(InputProblem):
            await source.credential(other)
    await source.share(PROFILE, COPY)
    assert await source.credential(COPY) == Credential(secret=Secret(CANARY), source="typed")


async def test_a_secret_of_a_variable_is_not_made_a_profile_s_own() -> None:
    variables = Variables({**NAMED, "CCFLOW_CLIENT_SECRET": CANARY}, {})
    source = CredentialSource(DictStore(), variables, lambda _: None, trusted=lambda _: PROFILE)
    assert (await source.credential(PROFILE)).source == "environment"
    await source.share(PROFILE, COPY)
    assert (await source.credential(COPY)).source == "environment"


async def test_D19_typed_passphrases_are_saved_for_the_keys_in_use() -> None:
    store = DictStore()
    source = CredentialSource(store, Variables({}, {}), lambda _: None)
    source.reader.remember_passphrase("key.pem", Secret(CANARY))
    await source.reader.save_passphrases(["other.pem"])
    assert not store.secrets
    await source.reader.save_passphrases(["key.pem", "other.pem"])
    assert store.secrets == {passphrase_name("key.pem"): Secret(CANARY)}

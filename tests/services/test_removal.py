"""Removing what is secret of a profile: found by looking, removed everywhere, proved by reading back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.problems import InputProblem, SecretStoreProblem, StoreFault
from ccflow_tui.models.profile import AuthMethod, EndpointMode, MutualTls, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_manager import CredentialManager
from ccflow_tui.services.credential_names import (
    access_token_name,
    client_secret_name,
    dpop_key_name,
    passphrase_name,
    private_key_name,
    shared_secret_name,
)
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports import StoreKind
from ccflow_tui.services.ports_removal import RemovalReport, Subject
from tests.services.test_engine import PROFILE, Bench
from tests.support.fakes import DictStore
from tests.support.keyrings import DictBackend
from tests.support.keyrings import store as keyring_store
from tests.support.manual_clock import settle

OTHER = replace(PROFILE, name="other", client_id="other")
LOCKED = SecretStoreProblem(StoreFault.LOCKED, "The keyring is locked.", "Unlock it, then try again.")
SECRET = Secret("CANARY-of-the-store")


def planted(bench: Bench, *names: str) -> None:
    bench.store.secrets |= {name: SECRET for name in names}


async def found(bench: Bench, profile: Profile = PROFILE, *others: Profile, **more: bool) -> list[str]:
    holdings = await bench.engine.removal.look(Subject(profile, others=others, **more))
    return [str(each) for each in holdings.found]


async def removed(bench: Bench, profile: Profile = PROFILE, *others: Profile) -> RemovalReport:
    return await bench.engine.removal.remove(Subject(profile, others=others))


def texts(report: RemovalReport) -> list[str]:
    return [str(each) for each in report.removed]


async def test_what_is_found_is_removed_and_read_back() -> None:
    bench = Bench()
    await bench.engine.save_secret(PROFILE)
    await bench.ask()
    await settle()
    bench.engine.remember_secret(PROFILE, Secret("CANARY-typed-since"))
    names = access_token_name(PROFILE), client_secret_name(PROFILE)
    assert set(bench.store.secrets) == set(names)
    everything = ["the access token (memory, keyring)", "the client secret (memory, keyring)"]
    assert await found(bench) == everything
    report = await removed(bench)
    assert (texts(report), report.left) == (everything, ())
    assert not bench.store.secrets
    assert await found(bench) == []
    assert await bench.engine.stored_token(PROFILE) is None
    assert await bench.engine.credential_source(PROFILE) == ""
    assert texts(await removed(bench)) == []
    await bench.engine.close()


async def test_looking_removes_nothing() -> None:
    bench = Bench()
    await bench.engine.save_secret(PROFILE)
    await bench.ask()
    await settle()
    before = dict(bench.store.secrets)
    for _ in range(2):
        assert len(await found(bench)) == 2
    assert bench.store.secrets == before
    await bench.engine.close()


async def test_D19_passphrases_and_the_dpop_key_go_along() -> None:
    bench = Bench()
    profile = replace(
        PROFILE, key_reference=" key.pem ", mtls=MutualTls(cert_ref="c.p12", key_ref="k.pem"), dpop=True
    )
    planted(bench, dpop_key_name(profile), *map(passphrase_name, ("key.pem", "k.pem", "c.p12", "not-ours")))
    bench.engine.remember_passphrase("key.pem", Secret("CANARY typed"))
    bench.engine.remember_passphrase("not-ours", Secret("CANARY of another"))
    report = await removed(bench, profile)
    assert texts(report) == [
        "the client secret (memory)",
        "the DPoP key (keyring)",
        "the passphrase of key.pem (memory, keyring)",
        "the passphrase of k.pem (keyring)",
        "the passphrase of c.p12 (keyring)",
    ]
    assert set(bench.store.secrets) == {passphrase_name("not-ours")}
    reader = bench.engine.parts.credentials.reader
    assert (await reader.passphrase("not-ours"), await reader.passphrase("key.pem")) == (
        Secret("CANARY of another"),
        None,
    )


async def test_what_another_profile_uses_stays_and_is_named() -> None:
    bench = Bench()
    shared = replace(PROFILE, secret_reference="keyring:team", key_reference="key.pem")
    others = (
        replace(shared, name="billing", client_id="b"),
        replace(OTHER, key_reference="key.pem"),
        replace(shared, name="elsewhere", token_endpoint="https://elsewhere.example/t", key_reference=""),
        replace(shared, name="undiscovered", token_endpoint="", key_reference=""),
    )
    kept = {shared_secret_name("team", shared), passphrase_name("key.pem")}
    planted(bench, *kept)
    assert await found(bench, shared, *others) == ["the client secret (memory)"]
    report = await removed(bench, shared, *others)
    assert report.spared == (
        "The client secret keyring:team stays: “billing”, “undiscovered” use it too.",
        "The passphrase of key.pem stays: “billing”, “other” use it too.",
    )
    assert (set(bench.store.secrets), report.left) == (kept, ())
    alone = await removed(bench, shared)
    assert texts(alone) == [
        "the client secret keyring:team (keyring)",
        "the passphrase of key.pem (keyring)",
    ]
    assert (bench.store.secrets, alone.spared) == ({}, ())


async def test_what_memory_keeps_in_place_of_a_locked_keyring_is_found() -> None:
    locked = DictStore()
    locked.problem = LOCKED
    manager = CredentialManager(locked)
    await manager.put("declined", SECRET)
    assert await manager.places("declined") == (StoreKind.MEMORY,)
    with pytest.raises(SecretStoreProblem):
        await manager.places("another")


async def test_private_keys_stay_and_are_named() -> None:
    bench = Bench()
    profile = replace(PROFILE, auth_method=AuthMethod.PRIVATE_KEY_JWT, key_reference="keyring:default")
    planted(bench, private_key_name("default"), passphrase_name("keyring:default"))
    report = await removed(bench, profile)
    assert report.spared == ("The key keyring:default stays: private keys are removed in the key workbench.",)
    assert set(bench.store.secrets) == {private_key_name("default")}
    planted(bench, private_key_name("tls"))
    both = replace(profile, mtls=MutualTls(True, "cert.pem", "keyring:tls"))
    (stay,) = (await removed(bench, both)).spared
    assert stay.startswith("The keys keyring:default, keyring:tls stay: ")


async def test_other_clients_and_servers_of_the_same_profile_are_found_too() -> None:
    bench = Bench()
    older = replace(PROFILE, client_id="older")
    moved = replace(PROFILE, token_endpoint="https://moved.example/token")
    for version in (older, moved):
        planted(bench, client_secret_name(version), access_token_name(version))
    versions = (older, moved, replace(PROFILE, token_endpoint=""))
    report = await bench.engine.removal.remove(Subject(PROFILE, versions))
    assert texts(report) == [
        "the client secret (memory)",
        "the access token of client older at https://as.example (keyring)",
        "the client secret of client older at https://as.example (keyring)",
        "the access token of client client-one at https://moved.example (keyring)",
        "the client secret of client client-one at https://moved.example (keyring)",
    ]
    assert not bench.store.secrets


async def test_a_profile_that_is_not_in_use_leaves_the_token_in_use_alone() -> None:
    bench = Bench()
    await bench.ask()
    planted(bench, client_secret_name(OTHER))
    report = await removed(bench, OTHER, PROFILE)
    assert texts(report) == ["the client secret (keyring)"]
    assert await found(bench) == ["the access token (memory)", "the client secret (memory)"]
    await bench.engine.close()


async def test_what_cannot_be_deleted_is_named_with_the_reason_and_the_rest_goes() -> None:
    class Stubborn(DictStore):
        async def delete(self, name: str) -> bool:
            if name.startswith("client-secret"):
                raise SecretStoreProblem(StoreFault.FAILED, "The keyring refused.", "Remove it by hand.")
            return await super().delete(name)

    bench = Bench(store=Stubborn())
    planted(bench, client_secret_name(PROFILE), dpop_key_name(PROFILE))
    report = await removed(bench)
    assert report.left == ("the client secret (keyring): The keyring refused. Remove it by hand.",)
    assert texts(report) == ["the client secret (memory)", "the DPoP key (keyring)"]
    assert set(bench.store.secrets) == {client_secret_name(PROFILE)}


async def test_a_store_that_forgets_to_delete_is_found_out_by_reading_back() -> None:
    class Lying(DictStore):
        async def delete(self, name: str) -> bool:
            return name in self.secrets

    bench = Bench(store=Lying())
    planted(bench, client_secret_name(PROFILE))
    report = await removed(bench)
    assert (report.left, texts(report)) == (("the client secret (keyring)",), ["the client secret (memory)"])


async def test_a_locked_keyring_is_no_empty_one() -> None:
    bench = Bench()
    bench.store.problem = LOCKED
    holdings = await bench.engine.removal.look(Subject(PROFILE))
    assert [str(each) for each in holdings.found] == ["the client secret (memory)"]
    assert holdings.unseen == (f"The secret store could not be asked: {LOCKED}",)
    report = await removed(bench)
    assert report.left == (f"anything in the secret store, which could not be asked: {LOCKED}",)
    assert texts(report) == ["the client secret (memory)"]  # whether the store has another nobody can tell
    bench.store.problem = None
    assert await bench.engine.credential_source(PROFILE) == ""


async def test_an_unknown_server_is_told_and_a_typed_secret_goes_all_the_same() -> None:
    issuer = {"endpoint_mode": EndpointMode.ISSUER, "issuer": "https://as.example", "token_endpoint": ""}
    bench, nowhere = Bench(), replace(PROFILE, name="new", **issuer)
    bench.engine.remember_secret(nowhere, SECRET)
    holdings = await bench.engine.removal.look(Subject(nowhere))
    assert [str(each) for each in holdings.found] == ["the client secret (memory)"]
    assert holdings.unseen[0].startswith("The issuer https://as.example did not tell its token endpoint")
    report = await removed(bench, nowhere)
    assert texts(report) == ["the client secret (memory)"]
    assert report.left == (f"perhaps more: {holdings.unseen[0]}",)
    unnamed = await removed(bench, replace(nowhere, issuer=""))
    assert (texts(unnamed), unnamed.left) == ([], ())


async def test_a_token_that_only_the_caller_holds_counts_once() -> None:
    bench = Bench()
    subject = Subject(PROFILE, versions=(replace(PROFILE, client_id="older"),), holds_token=True)
    holdings = await bench.engine.removal.look(subject)
    assert [str(each) for each in holdings.found] == [
        "the access token (memory)",
        "the client secret (memory)",
    ]
    report = await bench.engine.removal.remove(subject)
    assert "the access token (memory)" in texts(report)


@pytest.mark.parametrize("reference", ["env:ORDERS", "file:/run/secret", "command:pass orders"])
async def test_what_is_not_ccflow_s_to_remove_is_said(reference: str) -> None:
    bench = Bench(CCFLOW_CLIENT_SECRET="CANARY-variable")
    report = await removed(bench, replace(PROFILE, secret_reference=reference))
    assert any("The secret behind " in text and "stays there." in text for text in report.spared)
    assert "CCFLOW_CLIENT_SECRET (environment) stays set." in report.spared
    assert "CANARY" not in repr(report) and "pass orders" not in repr(report)


async def test_the_demo_s_own_secret_stays_and_a_typed_one_goes() -> None:
    bench = Bench()
    bench.engine.provide_secret(PROFILE, SECRET)
    assert await bench.engine.credential_source(PROFILE) == "typed"
    report = await removed(bench)
    assert texts(report) == ["the client secret (memory)"]
    assert "came with the demo stays" in report.spared[0]
    assert await bench.engine.credential_source(PROFILE) == "demo"
    copy = replace(PROFILE, name="copy")
    await bench.engine.share_secret(PROFILE, copy)
    await removed(bench, copy)
    assert await bench.engine.credential_source(copy) == "demo"
    elsewhere = replace(PROFILE, token_endpoint="https://elsewhere.example/token")
    with pytest.raises(InputProblem):
        await bench.engine.parts.credentials.credential(elsewhere)


async def test_memory_and_keyring_are_told_apart_and_every_part_of_a_long_secret_counts() -> None:
    backend = DictBackend()
    manager = CredentialManager(keyring_store(backend), MemoryStore())
    await manager.put("long", Secret("x" * 5000))
    assert await manager.places("long") == (StoreKind.KEYRING,)
    await manager._memory.put("long", Secret("y"))
    assert await manager.places("long") == (StoreKind.MEMORY, StoreKind.KEYRING)
    del backend.entries["long"]  # as an interrupted write leaves it
    await manager._memory.delete("long")
    assert await manager.places("long") == (StoreKind.KEYRING,)
    await manager.delete("long")
    assert (await manager.places("long"), backend.entries) == ((), {})

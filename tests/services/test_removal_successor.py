"""Removing what a profile leaves under a former client, server or key, and nothing of what it uses now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.outcome import Granted
from ccflow_tui.models.profile import AuthMethod, EndpointMode, MutualTls, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import (
    access_token_name,
    client_secret_name,
    dpop_key_name,
    filing,
    passphrase_name,
    private_key_name,
    shared_secret_name,
)
from ccflow_tui.services.memory_store import MemoryStore
from ccflow_tui.services.ports_removal import Subject
from tests.services.test_engine import PROFILE, Bench
from tests.support.manual_clock import settle

SECRET = Secret("CANARY-of-the-store")
OTHER_CLIENT = replace(PROFILE, client_id="client-two")
OTHER_SERVER = replace(PROFILE, token_endpoint="https://other.example/token")
WHOSE = " of client client-one at https://as.example"


def leaving(successor: Profile, *others: Profile, former: Profile = PROFILE) -> Subject:
    return Subject(filing(former), others=others, successor=successor)


def planted(bench: Bench, *names: str) -> None:
    bench.store.secrets |= {name: SECRET for name in names}


async def found(bench: Bench, subject: Subject) -> list[str]:
    return [str(each) for each in (await bench.engine.removal.look(subject)).found]


@pytest.mark.parametrize("successor", [OTHER_CLIENT, OTHER_SERVER], ids=["client", "server"])
async def test_what_the_former_client_or_server_leaves_goes_and_the_rest_stays(successor: Profile) -> None:
    bench = Bench()
    bench.engine.parts.credentials.forget(PROFILE)
    names = client_secret_name, access_token_name, dpop_key_name
    planted(bench, *(name(each) for name in names for each in (PROFILE, successor)))
    subject = leaving(successor)
    everything = [
        f"the access token{WHOSE} (keyring)",
        f"the client secret{WHOSE} (keyring)",
        f"the DPoP key{WHOSE} (keyring)",
    ]
    assert await found(bench, subject) == everything
    report = await bench.engine.removal.remove(subject)
    assert ([str(each) for each in report.removed], report.left) == (everything, ())
    assert set(bench.store.secrets) == {name(successor) for name in names}


@pytest.mark.parametrize("successor", [OTHER_CLIENT, OTHER_SERVER], ids=["client", "server"])
async def test_token_and_typed_secret_of_the_successor_stay_in_memory(successor: Profile) -> None:
    bench = Bench()
    planted(bench, client_secret_name(PROFILE))
    bench.engine.remember_secret(successor, Secret("CANARY-of-the-successor"))
    granted = await bench.ask(successor)
    assert isinstance(granted, Granted)
    subject = leaving(successor)
    assert f"the access token{WHOSE} (memory)" not in await found(bench, subject)
    await bench.engine.removal.remove(subject)
    assert not bench.store.secrets
    assert await bench.engine.stored_token(successor) == granted.token
    assert await bench.engine.credential_source(successor) == "typed"
    await bench.engine.close()


async def test_the_token_of_the_former_client_is_let_go_and_not_stored_again() -> None:
    bench = Bench()
    await bench.engine.save_secret(PROFILE)
    await bench.ask()
    await settle()
    assert f"the access token{WHOSE} (memory, keyring)" in await found(bench, leaving(OTHER_CLIENT))
    await bench.engine.removal.remove(leaving(OTHER_CLIENT))
    await settle()
    bench.engine._keeper.store_kept()
    await settle()
    assert (bench.store.secrets, await bench.engine.stored_token(PROFILE)) == ({}, None)
    await bench.engine.close()


async def test_a_token_of_the_former_client_goes_though_another_took_its_place() -> None:
    bench = Bench()
    await bench.ask()
    bench.engine.remember_secret(OTHER_CLIENT, Secret("CANARY-of-the-successor"))
    granted = await bench.ask(OTHER_CLIENT)
    assert isinstance(granted, Granted)
    former = f"the access token{WHOSE} (memory)"
    assert former in await found(bench, leaving(OTHER_CLIENT))
    report = await bench.engine.removal.remove(leaving(OTHER_CLIENT))
    assert former in map(str, report.removed)
    assert former not in await found(bench, leaving(OTHER_CLIENT))
    assert await bench.engine.stored_token(OTHER_CLIENT) == granted.token
    await bench.engine.close()


async def test_D19_another_key_leaves_the_passphrase_of_the_former_one_and_the_token_stays() -> None:
    former = replace(PROFILE, key_reference="old.pem", mtls=MutualTls(cert_ref="c.p12"))
    successor = replace(former, key_reference="new.pem")
    bench = Bench()
    kept = {passphrase_name("new.pem"), passphrase_name("c.p12"), client_secret_name(PROFILE)}
    planted(bench, passphrase_name("old.pem"), *kept)
    bench.engine.remember_passphrase("old.pem", Secret("CANARY old"))
    bench.engine.remember_passphrase("new.pem", Secret("CANARY new"))
    granted = await bench.ask(successor)
    assert isinstance(granted, Granted)
    subject = leaving(successor, former=former)
    assert await found(bench, subject) == ["the passphrase of old.pem (memory, keyring)"]
    await bench.engine.removal.remove(subject)
    assert set(bench.store.secrets) == kept
    reader = bench.engine.parts.credentials.reader
    assert (await reader.passphrase("old.pem"), await reader.passphrase("new.pem")) == (
        None,
        Secret("CANARY new"),
    )
    assert await bench.engine.stored_token(successor) == granted.token
    await bench.engine.close()


async def test_what_another_profile_or_source_uses_stays_and_is_named() -> None:
    former = replace(PROFILE, secret_reference="keyring:team", key_reference="keyring:k")
    successor = replace(PROFILE, client_id="client-two", secret_reference="")
    billing = replace(former, name="billing", client_id="billing")
    bench = Bench()
    bench.engine.parts.credentials.forget(PROFILE)
    kept = {
        shared_secret_name("team", former),
        client_secret_name(PROFILE),
        private_key_name("k"),
        passphrase_name("keyring:k"),
        client_secret_name(billing),
    }
    planted(bench, *kept)
    subject = leaving(successor, billing, PROFILE, former=former)
    holdings = await bench.engine.removal.look(subject)
    assert (holdings.found, holdings.spared) == (
        (),
        (
            f"The client secret{WHOSE} stays: “default” uses it too.",
            "The client secret keyring:team stays: “billing” uses it too.",
            "The passphrase of keyring:k stays: “billing” uses it too.",
            "The key keyring:k stays: private keys are removed in the key workbench.",
        ),
    )
    await bench.engine.removal.remove(subject)
    assert set(bench.store.secrets) == kept


async def test_a_shared_secret_that_the_successor_refers_to_stays() -> None:
    former = replace(PROFILE, secret_reference="keyring:team")
    bench = Bench()
    planted(bench, shared_secret_name("team", former))
    assert await found(bench, leaving(replace(former, client_id="client-two"), former=former)) == [
        f"the client secret{WHOSE} (memory)"
    ]
    moved = replace(former, token_endpoint=OTHER_SERVER.token_endpoint)
    assert await found(bench, leaving(moved, former=former)) == ["the client secret keyring:team (keyring)"]


async def test_stores_that_are_not_looked_into_are_told_and_nothing_is_called_proven() -> None:
    bench = Bench()
    bench.engine.removal = replace(bench.engine.removal, store=MemoryStore())
    told = Subject(PROFILE, unlooked=("The system keyring was not looked at.",))
    holdings = await bench.engine.removal.look(told)
    report = await bench.engine.removal.remove(told)
    assert holdings.only_memory and report.only_memory
    assert holdings.spared == report.spared == ("The system keyring was not looked at.",)
    assert not (await bench.engine.removal.look(Subject(PROFILE))).only_memory


def test_a_filing_is_the_same_of_itself_and_keeps_an_issuer_that_was_not_asked() -> None:
    waiting = replace(
        PROFILE, endpoint_mode=EndpointMode.ISSUER, issuer="https://as.example", token_endpoint=""
    )
    for profile in (PROFILE, waiting, replace(PROFILE, secret_reference="env:X", key_reference=" k ")):
        assert filing(filing(profile)) == filing(profile)
    assert (filing(waiting).issuer, filing(PROFILE).issuer) == ("https://as.example", "")
    assert filing(replace(PROFILE, secret_reference="env:X")).secret_reference == ""
    assert client_secret_name(filing(PROFILE)) == client_secret_name(PROFILE)
    public = replace(PROFILE, auth_method=AuthMethod.NONE, scope="other")
    assert filing(public) == filing(PROFILE)

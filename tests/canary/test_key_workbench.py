"""The key workbench, wired as the program wires it: private keys and passphrases stay in the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ccflow_tui.models.kept_key import KeyExport, KeyKind
from ccflow_tui.models.problems import CcflowError, KeyProblem, PassphraseProblem, SecretStoreProblem
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import private_key_name
from tests.canary.answers import granting
from tests.canary.canaries import Canary, Searcher, jwk, secret, token
from tests.canary.keyrings import LoudKeyring, MemoryKeyring
from tests.canary.places import search_objects
from tests.canary.stage import JWT, Stage, make_stage
from tests.oauth.key_material import pem

OPAQUE, PASSPHRASE = token("opaque token"), secret("passphrase of a key")
KINDS = {KeyKind.RSA_2048: RSAKey, KeyKind.P_384: ECKey, KeyKind.ED25519: OKPKey}


def key_canary(name: str, text: str, kind: type[RSAKey | ECKey | OKPKey]) -> Canary:
    """Return the private number of a key in PEM as a canary: its public half may be seen."""
    return jwk(name, json.dumps(kind.import_key(text).as_dict(private=True)))


def stage_for(scene: Path) -> Stage:
    return make_stage(scene, granting(OPAQUE.text), PASSPHRASE, profile=JWT)


async def kept(stage: Stage, name: str) -> str:
    found = await stage.machine.store.get(private_key_name(name))
    assert found is not None
    return found.reveal()


@pytest.mark.parametrize("kind", list(KINDS), ids=str)
async def test_L1_a_key_is_made_rotated_exported_and_deleted(
    scene: Path, memory_keyring: MemoryKeyring, kind: KeyKind
) -> None:
    stage = stage_for(scene)
    workbench = stage.backstage.workbench()
    said: list[object] = [await workbench.generate("orders", kind)]
    stage.searcher.plant(key_canary("first key", await kept(stage, "orders"), KINDS[kind]))
    said.append(await workbench.rotate("orders"))
    stage.searcher.plant(key_canary("second key", await kept(stage, "orders-2"), KINDS[kind]))
    said += [await workbench.export("orders-2", form) for form in KeyExport]
    said += [await workbench.keys(), workbench]
    listed = stage.home / "keys.json"
    assert set(json.loads(listed.read_text())["keys"]) == {"orders", "orders-2"}
    stage.machine.report_fault(f"oh dear {await kept(stage, 'orders')}")
    for thing in said:
        stage.searcher.look("what the workbench says", f"{thing!r} {thing}")
    stage.search_unseen()
    said = [await workbench.delete(name) for name in ("orders", "orders-2")]
    stage.searcher.look("what deleting says", repr(said))
    stage.search_unseen()
    await stage.close()
    stage.searcher.check()
    assert not memory_keyring.entries and json.loads(listed.read_text())["keys"] == {}


async def test_L1_an_encrypted_key_is_imported(scene: Path, memory_keyring: MemoryKeyring) -> None:
    stage = stage_for(scene)
    workbench, file = stage.backstage.workbench(), scene / "tmp" / "key.pem"
    file.write_text(pem("P-256", passphrase=PASSPHRASE.text), encoding="utf-8")
    file.chmod(0o600)
    stage.searcher.plant(key_canary("imported key", pem("P-256"), ECKey))
    problems: list[CcflowError] = []
    for passphrase in ("", PASSPHRASE.text + "wrong", PASSPHRASE.text):
        workbench.remember_passphrase(str(file), Secret(passphrase))
        try:
            found = await workbench.describe(str(file))
        except PassphraseProblem as problem:
            problems.append(problem)
    assert len(problems) == 2
    imported = await workbench.import_key("orders", str(file))
    for thing in (*problems, found, imported):
        stage.searcher.look("what the workbench says", f"{thing!r} {thing}")
        search_objects(stage.searcher, type(thing))
    stage.search_unseen()
    await stage.close()
    stage.searcher.check()
    assert len(memory_keyring.entries) == 1


async def test_L1_a_keyring_that_repeats_the_key_in_its_fault_is_not_quoted(
    scene: Path, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_for(scene)
    monkeypatch.setattr(MemoryKeyring, "set_password", LoudKeyring.set_password)
    file = scene / "work" / "key.pem"
    file.write_text(pem("Ed25519"))
    stage.planted = (*stage.planted, file)
    stage.searcher.plant(key_canary("refused key", pem("Ed25519"), OKPKey))
    with pytest.raises(SecretStoreProblem) as caught:
        await stage.backstage.workbench().import_key("orders", str(file))
    stage.searcher.look("the problem", f"{caught.value!r} {caught.value} {caught.value.__context__!r}")
    stage.search_unseen()
    await stage.close()
    stage.searcher.check()
    assert not memory_keyring.entries and not json.loads((stage.home / "keys.json").read_text())["keys"]


async def test_L1_a_key_typed_as_a_name_or_a_reference_is_not_repeated(
    scene: Path, memory_keyring: MemoryKeyring
) -> None:
    stage = stage_for(scene)
    text = pem("P-256")
    searcher = Searcher(key_canary("typed key", text, ECKey))
    workbench, body = stage.backstage.workbench(), text.splitlines()[1]
    for name in (text, body, body[:60]):
        searcher.look("why a name is refused", workbench.why_not_named(name))
        with pytest.raises(KeyProblem) as caught:
            await workbench.generate(name, KeyKind.P_256)
        searcher.look("the problem with a name", f"{caught.value!r} {caught.value}")
    with pytest.raises(KeyProblem) as caught:
        await workbench.describe(text)
    searcher.look("the problem with a reference", f"{caught.value!r} {caught.value}")
    await stage.close()
    searcher.check()
    assert not memory_keyring.entries

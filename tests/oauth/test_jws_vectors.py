"""The verification of signatures, held against Wycheproof's vectors (C2SP/wycheproof, testvectors_v1).

They are read from the folder that ``CCFLOW_VECTORS`` names, else from ``../shared/vectors`` beside the
repository, and are no part of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccflow_tui.oauth.jwks import parse_jwks
from ccflow_tui.oauth.jws import JwsError, SignatureState, check_signature, parse_signed

ROOT = Path(__file__).resolve().parents[2]
SIGNATURES, KEYS = "json_web_signature_test.json", "json_web_key_test.json"

MISLABELLED = frozenset({346, 347, 350, 351})
"""Called valid, but the key says that it is for another algorithm than the token names (RFC 8725, 3.1)."""
NOT_BASE64URL = frozenset({372, 373})
"""Called valid, but with a character that base64url does not have (RFC 7515, section 2)."""


def folder() -> Path:
    named = os.environ.get("CCFLOW_VECTORS")
    return Path(named) if named else ROOT.parent / "shared" / "vectors"


def cases(name: str) -> list[Any]:
    path = folder() / name
    if not path.is_file():
        reason = f"Wycheproof's {name} is not in {folder()}; CCFLOW_VECTORS names another folder"
        return [pytest.param(0, [], {}, marks=pytest.mark.skip(reason=reason))]
    return list(read(path))


def read(path: Path) -> Iterator[Any]:
    for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
        stated = group.get("public") or group["private"]
        keys = stated.get("keys", [stated])
        for test in group["tests"]:
            yield pytest.param(test["tcId"], keys, test, id=f"{test['tcId']}-{test['comment'][:40]}")


def state(keys: list[dict[str, Any]], jws: object) -> SignatureState | None:
    """Return how the check ended; ``None`` for what is no signed token at all."""
    known = parse_jwks(json.dumps({"keys": keys}).encode())
    try:
        return check_signature(parse_signed(jws if isinstance(jws, str) else json.dumps(jws)), known.keys)
    except JwsError:
        return None


def expected_to_pass(number: int, keys: list[dict[str, Any]], test: dict[str, Any]) -> bool:
    """Whether we accept: as the vector says, except that nothing with a shared secret is ever accepted."""
    symmetric = all(key.get("kty") == "oct" for key in keys)
    return test["result"] == "valid" and not symmetric and number not in MISLABELLED | NOT_BASE64URL


@pytest.mark.parametrize(("number", "keys", "test"), cases(SIGNATURES))
def test_D13_wycheproof_signatures(number: int, keys: list[dict[str, Any]], test: dict[str, Any]) -> None:
    found = state(keys, test["jws"])
    assert (found is SignatureState.VERIFIED) == expected_to_pass(number, keys, test), test["comment"]


@pytest.mark.parametrize(("number", "keys", "test"), cases(KEYS))
def test_D10_wycheproof_keys(number: int, keys: list[dict[str, Any]], test: dict[str, Any]) -> None:
    found = state(keys, test["jws"])
    assert (found is SignatureState.VERIFIED) == expected_to_pass(number, keys, test), test["comment"]

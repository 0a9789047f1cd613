"""Names of kept keys: shown everywhere, so plain, short, and never a key."""

from __future__ import annotations

import pytest

from ccflow_tui.services.key_names import (
    LONGEST_NAME,
    file_stem,
    proposed_name,
    successor_name,
    why_not_named,
)
from tests.oauth.key_material import as_secret, jwk, pem


@pytest.mark.parametrize("name", ["orders", "Orders (prod)", "é漢", "a", "x" * LONGEST_NAME, "orders-2"])
def test_a_plain_name_can_be_had(name: str) -> None:
    assert why_not_named(name, ("other",)) == ""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "needs a name"),
        ("   ", "needs a name"),
        (" orders", "a space"),
        ("x" * 39 + "y" * 22, "60 printable characters"),
        ("two\nlines", "60 printable characters"),
        ("\x1b[2J", "60 printable characters"),
        ("zero\u200bwidth", "60 printable characters"),
        ("ORDERS", "already"),
        ("keyring:orders", "the name alone"),
        ("-----BEGIN PRIVATE KEY-----", "a key itself"),
        ('{"kty":"EC"}', "a key itself"),
        ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjIn0.c2lnbmF0dXJl", "a key itself"),
        ("MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIB", "a key itself"),
        ("0" * 64, "60 printable characters"),
    ],
)
def test_other_names_are_refused_with_the_way_out(name: str, says: str) -> None:
    reason = why_not_named(name, ("orders",))
    assert says in reason
    assert "0000" not in reason and "MIG" not in reason and "eyJ" not in reason


@pytest.mark.parametrize(
    "text", [pem("P-256"), pem("RSA"), as_secret(jwk("P-256")).reveal()], ids=["ec", "rsa", "jwk"]
)
def test_no_line_of_a_key_can_be_a_name(text: str) -> None:
    lines = [line for line in text.splitlines() if len(line) >= 40]
    assert lines and all("a key itself" in why_not_named(line[:LONGEST_NAME], ()) for line in lines)


@pytest.mark.parametrize(
    ("name", "taken", "successor"),
    [
        ("orders", (), "orders-2"),
        ("orders", ("Orders-2", "orders-3"), "orders-4"),
        ("orders-2", (), "orders-3"),
        ("prod-2026", (), "prod-2027"),
        ("x" * 60, (), "x" * 58 + "-2"),
        ("x" * 57 + "-99", (), "x" * 56 + "-100"),
        ("-2", (), "-2-2"),
    ],
)
def test_a_successor_is_numbered(name: str, taken: tuple[str, ...], successor: str) -> None:
    assert successor_name(name, (name, *taken)) == successor


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("/keys/orders.pem", "orders"),
        ("env:ORDERS_KEY", "ORDERS_KEY"),
        ("keyring:orders", "orders"),
        ("~/my key.p12", "my key"),
        ("/keys/" + "x" * 80 + ".pem", "x" * LONGEST_NAME),
        ("/keys/" + "aB3" * 30 + ".pem", ""),
        ("", ""),
    ],
)
def test_a_name_is_proposed_from_where_the_key_is(reference: str, name: str) -> None:
    assert proposed_name(reference) == name


@pytest.mark.parametrize(
    ("name", "stem"), [("My Key/é", "my-key"), ("漢", "key"), ("../..", "key"), ("a_b-2", "a_b-2")]
)
def test_a_file_name_is_one_on_every_system(name: str, stem: str) -> None:
    assert file_stem(name) == stem

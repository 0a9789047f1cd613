"""What a program asks tokens for: kept apart by it, and checked before anything is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest

from ccflow_tui import InputProblem, PublicClient, Target, TokenClient
from tests.library.test_client import ENDPOINT, Counting, client
from tests.support.manual_clock import ManualClock

PAYMENT = {"type": "payment", "locations": ["https://api.example"]}


def forms(transport: Counting) -> list[dict[str, list[str]]]:
    return [parse_qs(request.body.decode()) for request in transport.requests]


async def test_details_and_parameters_have_tokens_of_their_own() -> None:
    transport = Counting()
    payment = Target(authorization_details=[PAYMENT], extra_parameters={"tenant": "t1", "mode": "x y"})
    again = Target(authorization_details=[dict(PAYMENT)], extra_parameters={"tenant": "t1", "mode": "x y"})
    async with client(transport, ManualClock()) as tokens:
        aimed = await tokens.get_token(payment)
        assert await tokens.get_token(again) is aimed, "the same target, made anew"
        assert await tokens.get_token(Target(extra_parameters={"tenant": "t2"})) is not aimed
        assert await tokens.get_token() is not aimed
    first, second, third = forms(transport)
    assert json.loads(first["authorization_details"][0]) == [PAYMENT]
    assert (first["tenant"], first["mode"], first["scope"]) == (["t1"], ["x y"], ["read"])
    assert (second["tenant"], "authorization_details" in second) == (["t2"], False)
    assert not {"tenant", "authorization_details"} & set(third)


async def test_a_target_leaves_or_takes_away_what_the_client_asks_for() -> None:
    transport = Counting()
    own: dict[str, Any] = {"authorization_details": [PAYMENT], "extra_parameters": {"tenant": "t1"}}
    async with replace(client(transport, ManualClock()), **own) as tokens:
        await tokens.get_token(Target(scope="write"))
        await tokens.get_token(Target(authorization_details=[], extra_parameters={}))
    kept, bare = forms(transport)
    assert {"authorization_details", "tenant"} <= set(kept)
    assert not {"authorization_details", "tenant"} & set(bare)


def test_a_target_can_be_copied_and_takes_lists() -> None:
    target = Target(
        resources=["https://api.example"], authorization_details=[PAYMENT], extra_parameters={"a": "b"}
    )
    assert replace(target, scope="x") == replace(target, scope="x")
    assert replace(target, scope="x").authorization_details == target.authorization_details
    assert (target.resources, target.extra_parameters) == (("https://api.example",), (("a", "b"),))
    assert hash(target) == hash(replace(target))


UNUSABLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "no type": ({"authorization_details": [{}]}, "authorization_details", "has no type"),
    "a type that is no text": ({"authorization_details": [{"type": 1}]}, "authorization_details", "not text"),
    "no object": ({"authorization_details": ["payment"]}, "authorization_details", "is not an object"),
    "no JSON": (
        {"authorization_details": [{"type": "p", "on": date(2027, 1, 1)}]},
        "authorization_details",
        "JSON",
    ),
    "no number": (
        {"authorization_details": [{"type": "p", "n": float("nan")}]},
        "authorization_details",
        "read",
    ),
    "half a character": ({"authorization_details": [{"type": "\ud800"}]}, "authorization_details", "half a"),
    "a text that is no list": ({"authorization_details": "{}"}, "authorization_details", "read"),
    "shadows": ({"extra_parameters": {"scope": "x"}}, "extra_parameters", "sets scope itself"),
    "a secret": ({"extra_parameters": {"client_secret": "x"}}, "extra_parameters", "client_secret"),
    "a name that is none": ({"extra_parameters": {"a b": "x"}}, "extra_parameters", "no parameter name"),
    "a number": ({"extra_parameters": {"tenant": 1}}, "extra_parameters", "both of them text"),
    "a text": ({"extra_parameters": "tenant=1"}, "extra_parameters", "both of them text"),
    "twice": ({"extra_parameters": (("a", "1"), ("a", "2"))}, "extra_parameters", "stands twice"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_sent_is_told_where_it_is_given(case: str) -> None:
    given, field, words = UNUSABLE[case]
    for make in (
        Target,
        lambda **parts: TokenClient(
            token_endpoint=ENDPOINT, client_id="orders", credential=PublicClient(), **parts
        ),
    ):
        with pytest.raises(InputProblem, match=words) as caught:
            make(**given)
        assert caught.value.finding.field == field
        assert caught.value.finding.remedy

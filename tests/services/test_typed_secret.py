"""E7, L3: whom a secret that was typed before discovery is for.

The threat: a person sees issuer A and types its secret. Before A's metadata has told where the token endpoint
is, the profile is given issuer B, by the settings of a folder that are trusted meanwhile or by a profile that
is loaded anew. The first server that is then found is B's. The secret must not go there: it was typed for A.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.models.problems import InputProblem
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credentials import CredentialSource, Variables
from tests.support.fakes import DictStore

SECRET = Secret("CANARY-typed")
A = Profile(
    endpoint_mode=EndpointMode.ISSUER,
    issuer="https://a.example/tenant",
    client_id="c",
    auth_method=AuthMethod.CLIENT_SECRET_BASIC,
)
B = replace(A, issuer="https://b.example/tenant")


def discovered(profile: Profile, endpoint: str) -> Profile:
    return replace(profile, token_endpoint=endpoint, endpoint_source=EndpointSource.DISCOVERED)


def manual(endpoint: str) -> Profile:
    return replace(A, endpoint_mode=EndpointMode.MANUAL, issuer="", token_endpoint=endpoint)


def typed_for(profile: Profile) -> CredentialSource:
    found = CredentialSource(DictStore(), Variables({}, {}), lambda _: None)
    found.remember(profile, SECRET)
    return found


@pytest.mark.parametrize(
    "other",
    [
        discovered(B, "https://b.example/token"),
        B,
        # B's metadata names A's endpoint, or one that B shares: it is B's word all the same.
        discovered(B, "https://a.example/token"),
        manual("https://b.example/token"),
    ],
    ids=["found", "not yet found", "names the first one's", "by hand"],
)
async def test_E7_a_secret_typed_for_one_issuer_does_not_go_where_another_leads(other: Profile) -> None:
    found = typed_for(A)
    with pytest.raises(InputProblem) as caught:
        await found.credential(other)
    assert "entered for https://a.example and is not sent to another server" in str(caught.value)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    "same",
    [
        A,
        discovered(A, "https://a.example/token"),
        manual("https://a.example/token"),
        replace(A, issuer="https://A.example:443/.well-known/openid-configuration"),
    ],
    ids=["not yet found", "found", "by hand", "by another address"],
)
async def test_E7_it_goes_to_the_server_of_its_own_issuer(same: Profile) -> None:
    assert (await typed_for(A).credential(same)).secret == SECRET


async def test_E7_once_bound_it_stays_with_the_endpoint() -> None:
    found = typed_for(A)
    await found.credential(discovered(A, "https://a.example/token"))
    with pytest.raises(InputProblem):
        await found.credential(discovered(B, "https://b.example/token"))
    assert (await found.credential(manual("https://a.example/other"))).secret == SECRET


async def test_where_no_server_was_named_it_is_for_the_first_that_is() -> None:
    found = typed_for(replace(A, issuer=""))
    assert (await found.credential(discovered(B, "https://b.example/token"))).secret == SECRET
    with pytest.raises(InputProblem, match=r"entered for https://b\.example "):
        await found.credential(discovered(A, "https://a.example/token"))


async def test_typed_anew_it_is_for_the_new_server() -> None:
    found = typed_for(A)
    found.remember(B, SECRET)
    assert (await found.credential(discovered(B, "https://b.example/token"))).secret == SECRET

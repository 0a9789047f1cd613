from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ccflow_tui.models.discovery import EndpointAuth, ServerMetadata, with_metadata
from ccflow_tui.models.problems import FieldProblem, Severity
from ccflow_tui.models.profile import AuthMethod, EndpointMode, MutualTls, Profile
from ccflow_tui.oauth.algorithms import chosen_alg
from ccflow_tui.oauth.capabilities import capability_findings, endpoint_findings
from ccflow_tui.oauth.server_endpoints import profile_at

METADATA = ServerMetadata(
    issuer="https://as.example",
    token_endpoint="https://as.example/token",
    auth_methods=("private_key_jwt", "client_secret_basic"),
    signing_algs=("ES256", "PS256"),
    grant_types=("client_credentials",),
)
PROFILE = with_metadata(
    Profile(endpoint_mode=EndpointMode.ISSUER, client_id="c", assertion_alg="ES256"), METADATA
)


def found(profile: Profile = PROFILE, metadata: ServerMetadata = METADATA) -> tuple[FieldProblem, ...]:
    findings = capability_findings(profile, metadata)
    assert all(finding.severity is Severity.WARNING and finding.remedy for finding in findings)
    return findings


def only(profile: Profile = PROFILE, metadata: ServerMetadata = METADATA) -> FieldProblem:
    (finding,) = found(profile, metadata)
    return finding


def test_what_the_server_lists_needs_no_word() -> None:
    assert found() == ()


def test_E8_a_method_that_is_not_listed_names_those_that_are() -> None:
    finding = only(replace(PROFILE, auth_method=AuthMethod.CLIENT_SECRET_POST))
    assert finding.field == "auth_method"
    assert finding.problem == (
        "The server does not list client_secret_post; it lists private_key_jwt, client_secret_basic."
    )


def test_E8_without_a_list_client_secret_basic_is_assumed() -> None:
    silent = replace(METADATA, auth_methods=None)
    assert "client_secret_basic is assumed" in only(metadata=silent).problem
    assert found(replace(PROFILE, auth_method=AuthMethod.CLIENT_SECRET_BASIC), silent) == ()


def test_E9_a_missing_grant_is_a_warning() -> None:
    finding = only(metadata=replace(METADATA, grant_types=("authorization_code",)))
    assert (finding.field, "client_credentials" in finding.problem) == ("issuer", True)
    assert found(metadata=replace(METADATA, grant_types=None)) == ()


def test_E10_an_algorithm_that_is_not_listed_is_a_warning_where_one_signs() -> None:
    finding = only(replace(PROFILE, assertion_alg="RS256"))
    assert (finding.field, "lists ES256, PS256" in finding.problem) == ("assertion_alg", True)
    basic = replace(PROFILE, assertion_alg="RS256", auth_method=AuthMethod.CLIENT_SECRET_BASIC)
    assert found(basic) == found(metadata=replace(METADATA, signing_algs=())) == ()


@pytest.mark.parametrize(("chosen", "listed"), [("EdDSA", "Ed25519"), ("Ed25519", "EdDSA")])
def test_D14_both_names_of_one_algorithm_count(chosen: str, listed: str) -> None:
    assert found(replace(PROFILE, assertion_alg=chosen), replace(METADATA, signing_algs=(listed,))) == ()


def test_H1_a_server_without_dpop_or_the_algorithm_of_the_proofs_is_named() -> None:
    bound = replace(PROFILE, dpop=True)
    assert only(bound).field == "dpop"
    assert found(bound, replace(METADATA, dpop_signing_algs=("ES256",))) == ()
    edwards = replace(bound, dpop_alg="Ed25519")
    assert found(edwards, replace(METADATA, dpop_signing_algs=("EdDSA",))) == ()
    assert only(edwards, replace(METADATA, dpop_signing_algs=("ES256",))).field == "dpop_alg"
    finding = only(bound, replace(METADATA, dpop_signing_algs=("PS256",)))
    assert (finding.field, "lists PS256" in finding.problem) == ("dpop_alg", True)
    assert found(metadata=replace(METADATA, dpop_signing_algs=("PS256",))) == ()


DETAILS = '[{"type": "payment"}, {"type": "account"}]'


@pytest.mark.parametrize(
    ("types", "words"),
    [
        (("payment", "account"), ()),
        (("payment",), ("does not list account; it lists payment",)),
        ((), ("does not list payment; it lists none", "does not list account; it lists none")),
        (None, ("lists no types of authorization details",)),
    ],
)
def test_G2_types_of_authorization_details_are_looked_up(types: Any, words: tuple[str, ...]) -> None:
    profile = replace(PROFILE, authorization_details=DETAILS)
    findings = found(profile, replace(METADATA, authorization_details_types=types))
    assert len(findings) == len(words)
    for finding, word in zip(findings, words, strict=True):
        assert finding.field == "authorization_details"
        assert word in finding.problem


def test_G2_details_that_cannot_be_read_are_left_to_their_own_check() -> None:
    assert found(replace(PROFILE, authorization_details="[")) == ()


def test_G1_a_resource_is_looked_up_where_the_server_lists_some() -> None:
    profile = replace(PROFILE, resources=("https://api.example",))
    assert found(profile) == ()
    listing = replace(METADATA, protected_resources=("https://other.example",))
    assert only(profile, listing).field == "resources"
    assert found(replace(profile, resources=listing.protected_resources), listing) == ()


def test_F4_a_server_that_does_not_bind_tokens_is_named_where_a_certificate_is_sent() -> None:
    profile = replace(PROFILE, mtls=MutualTls(True, "c.pem"))
    assert only(profile).field == "mtls"
    assert found(profile, replace(METADATA, certificate_bound_tokens=True)) == ()


SIGNING = EndpointAuth(("private_key_jwt",), ("ES256", "EdDSA"))
ELSEWHERE: dict[str, tuple[EndpointAuth, dict[str, Any], str]] = {
    "listed": (SIGNING, {}, ""),
    "method": (
        SIGNING,
        {"auth_method": AuthMethod.CLIENT_SECRET_POST},
        "does not list client_secret_post for {where}; it lists private_key_jwt.",
    ),
    "algorithm": (
        SIGNING,
        {"assertion_alg": "RS256"},
        "does not list RS256 for {where}; it lists ES256, EdDSA.",
    ),
    "the other name": (SIGNING, {"assertion_alg": "Ed25519"}, ""),
    "no algorithms": (EndpointAuth(("private_key_jwt",)), {"assertion_alg": "RS256"}, ""),
    "an empty list": (EndpointAuth(()), {}, "does not list private_key_jwt for {where}; it lists none."),
}


@pytest.mark.parametrize("case", ELSEWHERE)
@pytest.mark.parametrize("where", ["introspection", "revocation"])
def test_E8_E10_the_lists_of_the_other_endpoints_are_compared(where: Any, case: str) -> None:
    auth, changes, words = ELSEWHERE[case]
    metadata = replace(METADATA, **{f"{where}_auth": auth})
    findings = endpoint_findings(replace(PROFILE, **changes), metadata, f"{where}_endpoint")  # type: ignore[arg-type]
    assert len(findings) == bool(words)
    assert all(finding.problem.endswith(words.format(where=where)) for finding in findings)
    assert all(finding.severity is Severity.WARNING and finding.remedy for finding in findings)


def test_E8_without_a_list_basic_is_assumed_for_revocation_only() -> None:
    assert endpoint_findings(PROFILE, METADATA, "introspection_endpoint") == ()
    (finding,) = endpoint_findings(PROFILE, METADATA, "revocation_endpoint")
    assert "no authentication methods for revocation, so client_secret_basic is assumed" in finding.problem
    basic = replace(PROFILE, auth_method=AuthMethod.CLIENT_SECRET_BASIC)
    assert endpoint_findings(basic, METADATA, "revocation_endpoint") == ()


def test_D14_each_endpoint_is_signed_for_by_the_name_that_it_lists() -> None:
    profile = replace(PROFILE, assertion_alg="Ed25519")
    metadata = replace(METADATA, introspection_auth=SIGNING)
    assert chosen_alg(profile_at(profile, metadata, "introspection_endpoint")) == "EdDSA"
    assert chosen_alg(profile_at(profile, metadata, "revocation_endpoint")) == "Ed25519"


@pytest.mark.parametrize("change", [{"issuer": "https://b"}, {"token_endpoint": "https://as.example/other"}])
def test_the_metadata_of_another_server_says_nothing(change: dict[str, str]) -> None:
    profile = replace(PROFILE, assertion_alg="RS256", auth_method=AuthMethod.CLIENT_SECRET_POST, **change)
    assert found(profile) == ()


def test_a_long_list_is_cut() -> None:
    metadata = replace(METADATA, auth_methods=tuple(f"method-{number}" for number in range(50)))
    assert only(metadata=metadata).problem.endswith("method-7, ….")

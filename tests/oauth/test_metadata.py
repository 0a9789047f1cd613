from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.discovery import EndpointAuth, ServerMetadata
from ccflow_tui.models.problems import FieldProblem, InputProblem, IssuerMismatch
from ccflow_tui.oauth.metadata import issuer_from_well_known, parse_metadata, well_known_urls

ISSUER = "https://as.example/t1"
BASE = {"issuer": ISSUER, "token_endpoint": "https://as.example/t1/token"}


def parse(issuer: str = ISSUER, **members: Any) -> ServerMetadata:
    return parse_metadata(json.dumps({**BASE, **members}).encode(), issuer=issuer)


def problem(issuer: str = ISSUER, **members: Any) -> FieldProblem:
    with pytest.raises(InputProblem) as caught:
        parse(issuer, **members)
    assert caught.value.finding.field == "issuer"
    assert caught.value.finding.remedy
    return caught.value.finding


@pytest.mark.parametrize(
    ("issuer", "rfc8414", "oidc"),
    [
        (
            "https://h/t1",
            "https://h/.well-known/oauth-authorization-server/t1",
            "https://h/t1/.well-known/openid-configuration",
        ),
        (
            "https://h/t1/",
            "https://h/.well-known/oauth-authorization-server/t1",
            "https://h/t1/.well-known/openid-configuration",
        ),
        (
            "https://h",
            "https://h/.well-known/oauth-authorization-server",
            "https://h/.well-known/openid-configuration",
        ),
        (
            "https://h/",
            "https://h/.well-known/oauth-authorization-server",
            "https://h/.well-known/openid-configuration",
        ),
        (
            "http://127.0.0.1:8080/a/b",
            "http://127.0.0.1:8080/.well-known/oauth-authorization-server/a/b",
            "http://127.0.0.1:8080/a/b/.well-known/openid-configuration",
        ),
        (
            "https://auth.example/auth.example",
            "https://auth.example/.well-known/oauth-authorization-server/auth.example",
            "https://auth.example/auth.example/.well-known/openid-configuration",
        ),
    ],
)
def test_E1_E2_where_metadata_is_published(issuer: str, rfc8414: str, oidc: str) -> None:
    assert well_known_urls(issuer)[:2] == (rfc8414, oidc)


@pytest.mark.parametrize(
    ("issuer", "more"),
    [
        ("https://h", ()),
        ("https://h/", ()),
        ("https://h/t1/", ("https://h/.well-known/openid-configuration/t1",)),
        ("https://h/a/b", ("https://h/.well-known/openid-configuration/a/b",)),
    ],
)
def test_E1_the_path_of_openid_is_inserted_last(issuer: str, more: tuple[str, ...]) -> None:
    assert well_known_urls(issuer)[2:] == more


@pytest.mark.parametrize("issuer", ["https://h/t1", "https://h/t1/"])
def test_E2_openid_configuration_is_appended_after_the_path_without_a_double_slash(issuer: str) -> None:
    assert well_known_urls(issuer)[1] == "https://h/t1/.well-known/openid-configuration"


@given(st.lists(st.from_regex(r"[a-z0-9]{1,5}", fullmatch=True), max_size=3))
def test_E4_a_pasted_metadata_address_gives_the_issuer_back(segments: list[str]) -> None:
    issuer = "/".join(["https://as.example", *segments])
    for url in well_known_urls(issuer):
        assert issuer_from_well_known(f" {url} ") == issuer
        assert issuer_from_well_known(f"{url}/") == issuer


@pytest.mark.parametrize(
    "text",
    [
        "https://as.example/t1",
        "https://as.example/t1/",
        "https://as.example/.well-known/openid-configuration?x=1",
        "https://as.example/.well-known/openid-configurations",
        "",
    ],
)
def test_other_addresses_stay_as_typed(text: str) -> None:
    assert issuer_from_well_known(text) == text


def test_a_full_document_is_read() -> None:
    found = parse(
        token_endpoint_auth_methods_supported=["private_key_jwt", "client_secret_basic"],
        token_endpoint_auth_signing_alg_values_supported=["ES256", "RS256"],
        grant_types_supported=["client_credentials"],
        scopes_supported=["a", "b"],
        jwks_uri="https://as.example/jwks",
        introspection_endpoint="https://as.example/introspect",
        revocation_endpoint="https://as.example/revoke",
    )
    assert found == ServerMetadata(
        issuer=ISSUER,
        token_endpoint="https://as.example/t1/token",
        auth_methods=("private_key_jwt", "client_secret_basic"),
        signing_algs=("ES256", "RS256"),
        grant_types=("client_credentials",),
        scopes=("a", "b"),
        jwks_uri="https://as.example/jwks",
        introspection_endpoint="https://as.example/introspect",
        revocation_endpoint="https://as.example/revoke",
    )


def test_E8_methods_left_out_stay_unsaid() -> None:
    found = parse()
    assert (found.auth_methods, found.grant_types, found.signing_algs, found.warnings) == (None, None, (), ())


@pytest.mark.parametrize("stated", ["https://evil.example", "https://as.example/T1", "https://AS.example/t1"])
def test_E4_another_issuer_is_refused_naming_both(stated: str) -> None:
    found = _mismatch(stated)
    assert ISSUER in found.problem
    assert stated in found.problem


def _mismatch(stated: object, issuer: str = ISSUER) -> FieldProblem:
    with pytest.raises(InputProblem) as caught:
        parse_metadata(json.dumps({**BASE, "issuer": stated}).encode(), issuer=issuer)
    return caught.value.finding


@pytest.mark.parametrize(
    ("stated", "typed"), [("https://t.example/", "https://t.example"), (ISSUER, ISSUER + "/")]
)
def test_C5_a_slash_that_differs_is_named(stated: str, typed: str) -> None:
    found = _mismatch(stated, typed)
    assert "only the slash at the end differs" in found.problem
    assert found.remedy.endswith(f"exactly as {stated}")


@pytest.mark.parametrize("stated", [None, "", " ", 5, [ISSUER]])
def test_E4_a_document_without_issuer_is_refused(stated: object) -> None:
    assert "names no issuer" in _mismatch(stated).problem


@pytest.mark.parametrize(
    ("stated", "issuer", "kind"),
    [
        (None, ISSUER, "no-issuer"),
        (f"{ISSUER}/", ISSUER, "trailing-slash"),
        ("https://evil.example", ISSUER, "other-issuer"),
        ("https://login.microsoftonline.com/{tenantid}/v2.0", ISSUER, "other-issuer"),
        (
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/common/v2.0",
            "entra-shared-tenant",
        ),
    ],
)
def test_E4_E11_each_way_to_differ_has_a_name_and_none_is_let_through(
    stated: object, issuer: str, kind: str
) -> None:
    with pytest.raises(IssuerMismatch) as caught:
        parse_metadata(json.dumps({**BASE, "issuer": stated}).encode(), issuer=issuer)
    assert caught.value.finding.kind == kind
    assert caught.value.finding.remedy in str(caught.value)


def test_E4_a_hostile_issuer_is_shown_inert() -> None:
    found = _mismatch("https://evil.example/\x1b[2J" + "x" * 5000)
    assert "\x1b" not in found.problem
    assert len(found.problem) < 400


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"issuer":"a","issuer":"b"}', b"[" * 9999])
def test_E5_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InputProblem, match="metadata cannot be read"):
        parse_metadata(body, issuer=ISSUER)


@pytest.mark.parametrize("stated", [None, "", 7])
def test_E7_a_token_endpoint_is_needed(stated: object) -> None:
    assert "names no token endpoint" in problem(token_endpoint=stated).problem


@pytest.mark.parametrize(
    "stated",
    ["http://as.example/token", "https://u:CANARY@as.example/token", "token", "https://as.example/t\x1b"],
)
def test_E7_an_unusable_token_endpoint_is_refused(stated: str) -> None:
    found = problem(token_endpoint=stated)
    assert "cannot be used" in found.problem
    assert "CANARY" not in str(found)


def test_E7_a_remote_issuer_cannot_point_to_this_machine() -> None:
    assert "on this machine" in problem(token_endpoint="http://127.0.0.1:9/token").problem


def test_E7_a_local_issuer_may_use_plain_http() -> None:
    local = "http://127.0.0.1:9"
    body = json.dumps({"issuer": local, "token_endpoint": f"{local}/token"}).encode()
    assert parse_metadata(body, issuer=local).warnings == ()


def test_D3_E7_a_token_endpoint_elsewhere_is_a_warning() -> None:
    found = parse(token_endpoint="https://other.example/token")
    assert found.issuer == ISSUER
    assert "another host than the issuer: https://other.example" in found.warnings[0]


def test_E10_none_is_not_offered() -> None:
    found = parse(token_endpoint_auth_signing_alg_values_supported=["none", "ES256"])
    assert found.signing_algs == ("ES256",)
    assert "lists none" in found.warnings[0]


@pytest.mark.parametrize(
    "members",
    [
        {"token_endpoint_auth_methods_supported": "private_key_jwt"},
        {"grant_types_supported": [1]},
        {"scopes_supported": {}},
        {"jwks_uri": "http://as.example/jwks"},
        {"introspection_endpoint": 5},
        {"revocation_endpoint": "http://127.0.0.1:9/revoke"},
        {"dpop_signing_alg_values_supported": "ES256"},
        {"dpop_signing_alg_values_supported": ["ES256", "none"]},
        {"tls_client_certificate_bound_access_tokens": "true"},
        {"authorization_details_types_supported": {}},
        {"protected_resources": [{}]},
        {"introspection_endpoint_auth_methods_supported": "none"},
        {"revocation_endpoint_auth_signing_alg_values_supported": ["ES256", "none"]},
        {"mtls_endpoint_aliases": ["https://mtls.as.example"]},
        {"mtls_endpoint_aliases": {"token_endpoint": "http://mtls.as.example/token"}},
    ],
)
def test_members_of_the_wrong_shape_are_left_out_with_a_warning(members: dict[str, Any]) -> None:
    found = parse(**members)
    assert len(found.warnings) == 1
    assert next(iter(members)) in found.warnings[0]
    assert (found.auth_methods, found.grant_types, found.scopes, found.jwks_uri) == (None, None, (), "")
    assert (found.authorization_details_types, found.protected_resources) == (None, ())
    assert (found.certificate_bound_tokens, found.mtls_token_endpoint) == (False, "")


def test_F2_aliases_for_mutual_tls_are_kept_apart() -> None:
    aliases = {
        "token_endpoint": "https://mtls.as.example/token",
        "introspection_endpoint": "https://mtls.as.example/introspect",
        "revocation_endpoint": "https://mtls.as.example/revoke",
    }
    found = parse(mtls_endpoint_aliases=aliases, tls_client_certificate_bound_access_tokens=True)
    assert found.token_endpoint == BASE["token_endpoint"]
    assert found.mtls_token_endpoint == aliases["token_endpoint"]
    assert found.mtls_introspection_endpoint == aliases["introspection_endpoint"]
    assert found.mtls_revocation_endpoint == aliases["revocation_endpoint"]
    assert found.certificate_bound_tokens and not found.warnings
    assert parse(mtls_endpoint_aliases={"token_endpoint": aliases["token_endpoint"]}).warnings == ()


def test_F2_an_alias_without_tls_is_ignored() -> None:
    local = "http://127.0.0.1:9"
    document = {
        "issuer": local,
        "token_endpoint": f"{local}/token",
        "mtls_endpoint_aliases": {"token_endpoint": f"{local}/mtls"},
    }
    found = parse_metadata(json.dumps(document).encode(), issuer=local)
    assert found.mtls_token_endpoint == ""
    assert "has no TLS" in found.warnings[0]


def test_what_the_server_can_do_is_read() -> None:
    found = parse(
        dpop_signing_alg_values_supported=["ES256"],
        authorization_details_types_supported=["payment"],
        protected_resources=["https://api.example"],
    )
    assert found.dpop_signing_algs == ("ES256",)
    assert found.authorization_details_types == ("payment",)
    assert found.protected_resources == ("https://api.example",)
    assert parse().dpop_signing_algs is None


def test_E8_each_endpoint_has_methods_of_its_own() -> None:
    found = parse(
        introspection_endpoint_auth_methods_supported=["private_key_jwt"],
        introspection_endpoint_auth_signing_alg_values_supported=["ES256"],
        revocation_endpoint_auth_methods_supported=[],
    )
    assert found.introspection_auth == EndpointAuth(("private_key_jwt",), ("ES256",))
    assert found.revocation_auth == EndpointAuth(())
    assert parse().introspection_auth == parse().revocation_auth == EndpointAuth(None)


def test_lists_are_bounded_and_scrubbed() -> None:
    found = parse(scopes_supported=["a\x1b[2J" + "x" * 1000] * 5000)
    assert len(found.scopes) == 200
    assert len(found.scopes[0]) == 200
    assert "\x1b" not in found.scopes[0]


@given(
    st.dictionaries(
        st.sampled_from(
            ["issuer", "token_endpoint", "jwks_uri", "scopes_supported", "grant_types_supported"]
        ),
        st.none() | st.text() | st.integers() | st.lists(st.text() | st.integers()),
    )
)
def test_any_document_gives_metadata_or_an_input_problem(members: dict[str, Any]) -> None:
    try:
        assert parse_metadata(json.dumps({**BASE, **members}).encode(), issuer=ISSUER).token_endpoint
    except InputProblem as error:
        assert error.finding.field == "issuer"


def test_F2_mtls_aliases_are_read_endpoint_by_endpoint() -> None:
    alias = "https://mtls.as.example/token"
    found = parse(
        mtls_endpoint_aliases={"token_endpoint": alias, "introspection_endpoint": f"{alias}/i"},
        tls_client_certificate_bound_access_tokens=True,
    )
    assert found.mtls_token_endpoint == alias
    assert found.mtls_introspection_endpoint == f"{alias}/i"
    assert found.mtls_revocation_endpoint == ""
    assert found.certificate_bound_tokens
    assert not found.warnings
    plain = parse(tls_client_certificate_bound_access_tokens="true")
    assert (plain.mtls_token_endpoint, plain.certificate_bound_tokens) == ("", False)


@pytest.mark.parametrize(
    "aliases",
    [
        [],
        "https://mtls.as.example/token",
        {"token_endpoint": "http://mtls.as.example/token"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"token_endpoint": ["x"]},
        {"token_endpoint": "https://u:p@mtls.as.example/token"},
    ],
)
def test_F2_E7_an_unusable_alias_is_left_out_with_one_warning(aliases: object) -> None:
    found = parse(mtls_endpoint_aliases=aliases)
    assert found.mtls_token_endpoint == ""
    assert len(found.warnings) == 1
    assert "mtls_endpoint_aliases" in found.warnings[0]

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.models.problems import FieldProblem, Severity
from ccflow_tui.models.profile import (
    AssertionAudience,
    AuthMethod,
    BasicEncoding,
    EndpointMode,
    EndpointSource,
    MutualTls,
    Profile,
)
from ccflow_tui.models.secret import Secret
from ccflow_tui.oauth.profile_check import check_profile, check_secret

PRESET = Profile(
    environment_id="3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b",
    client_id="worker-app-1",
    key_reference="keyring:worker",
)
MANUAL = replace(PRESET, endpoint_mode=EndpointMode.MANUAL, token_endpoint="https://as.example/token")
ISSUER = replace(MANUAL, endpoint_mode=EndpointMode.ISSUER, issuer="https://as.example")
BASIC = replace(MANUAL, auth_method=AuthMethod.CLIENT_SECRET_BASIC)


def findings(profile: Profile, *, secret_present: bool = True, **changes: Any) -> tuple[FieldProblem, ...]:
    return check_profile(replace(profile, **changes), secret_present=secret_present)


def only(profile: Profile, *, secret_present: bool = True, **changes: Any) -> FieldProblem:
    found = findings(profile, secret_present=secret_present, **changes)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    "profile", [PRESET, MANUAL, ISSUER, BASIC, replace(BASIC, auth_method=AuthMethod.CLIENT_SECRET_POST)]
)
def test_a_complete_profile_has_no_findings(profile: Profile) -> None:
    assert findings(profile) == ()


def test_an_empty_profile_names_every_field_it_needs() -> None:
    assert [f.field for f in check_profile(Profile(), secret_present=False)] == [
        "environment_id",
        "client_id",
        "key_reference",
    ]


@pytest.mark.parametrize(
    ("mode", "field"),
    [
        (EndpointMode.PRESET, "environment_id"),
        (EndpointMode.ISSUER, "issuer"),
        (EndpointMode.MANUAL, "token_endpoint"),
    ],
)
def test_each_mode_asks_for_its_own_address(mode: EndpointMode, field: str) -> None:
    empty = Profile(endpoint_mode=mode, client_id="client-1", key_reference="key.pem")
    finding = only(empty)
    assert (finding.field, finding.severity) == (field, Severity.ERROR)
    assert "is required" in finding.problem
    assert finding.remedy


def test_fields_of_another_mode_or_method_are_not_checked() -> None:
    odd = {"environment_id": "not a uuid", "region": "mars", "issuer": "ftp://x"}
    assert findings(MANUAL, **odd) == ()
    assert findings(BASIC, key_reference="", assertion_alg="none", assertion_audience="") == ()
    assert findings(MANUAL, basic_encoding=BasicEncoding.RAW, client_id="a:b", secret_present=False) == ()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"environment_id": "123"}, "environment_id", "must be a UUID"),
        ({"region": "mars"}, "region", "not a PingOne region"),
        ({"client_id": "  "}, "client_id", "is required"),
        ({"client_id": "abc\ndefgh"}, "client_id", "line break"),
        ({"scope": 'a"b'}, "scope", '"'),
        ({"audience": "a\x1bb"}, "audience", "control character"),
        ({"resources": ("https://api.example", "api")}, "resources", "absolute URI"),
        ({"resources": ("https://api.example#x",)}, "resources", "fragment"),
        ({"proactive_refresh_seconds": 59}, "proactive_refresh_seconds", "between 60 and 120"),
        ({"proactive_refresh_seconds": 121}, "proactive_refresh_seconds", "between 60 and 120"),
        ({"mtls": MutualTls(enabled=True)}, "mtls", "no client certificate"),
        ({"dpop": True, "dpop_alg": "HS256"}, "dpop_alg", "HS256 cannot sign a DPoP proof"),
        ({"key_reference": " "}, "key_reference", "required for private_key_jwt"),
        ({"key_reference": "keyring: "}, "key_reference", "keyring entry"),
        ({"key_reference": "env:"}, "key_reference", "environment variable"),
        ({"key_reference": "env:1 BAD"}, "key_reference", "environment variable"),
        ({"assertion_alg": "HS256"}, "assertion_alg", "HS256 does not sign with a private key"),
        ({"assertion_alg": "none"}, "assertion_alg", "none does not sign"),
        ({"assertion_alg": "RS1"}, "assertion_alg", "not known"),
        ({"assertion_kid": "k\n1"}, "assertion_kid", "line break"),
        ({"assertion_audience": " "}, "assertion_audience", "is required"),
        ({"assertion_audience": "https://as\x00"}, "assertion_audience", "control character"),
    ],
)
def test_a_bad_value_is_an_error_naming_field_and_remedy(
    changes: dict[str, Any], field: str, words: str
) -> None:
    finding = only(PRESET, **changes)
    assert (finding.field, finding.severity) == (field, Severity.ERROR)
    assert words in finding.problem
    assert finding.remedy


@pytest.mark.parametrize(
    "text",
    [
        "https://as.example/.well-known/oauth-authorization-server/t1",
        "https://as.example/t1/.well-known/openid-configuration",
    ],
)
def test_E4_the_address_of_metadata_is_no_token_endpoint(text: str) -> None:
    finding = only(MANUAL, token_endpoint=text)
    assert (finding.field, finding.severity) == ("token_endpoint", Severity.WARNING)
    assert "by issuer" in str(finding)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://as.example/token", "http"),
        ("https://as.example/token#x", "fragment"),
        ("https://u:CANARY@as.example/token", ""),
        ("as.example/token", ""),
        ("https://as.example\\@evil.example/", ""),
    ],
)
def test_A8_A9_C1_C2_C7_a_token_endpoint_that_cannot_be_used(text: str, words: str) -> None:
    finding = only(MANUAL, token_endpoint=text)
    assert finding.field == "token_endpoint"
    assert words in finding.problem
    assert "CANARY" not in str(finding)


def test_plain_http_to_this_machine_is_a_warning() -> None:
    finding = only(MANUAL, token_endpoint="http://127.0.0.1:8080/token")
    assert (finding.field, finding.severity) == ("token_endpoint", Severity.WARNING)


def test_E6_an_issuer_with_query_is_an_error() -> None:
    assert only(ISSUER, issuer="https://as.example/?a").field == "issuer"


def test_an_issuer_that_is_not_discovered_yet_says_so() -> None:
    finding = only(ISSUER, token_endpoint="")
    assert finding.field == "token_endpoint"
    assert "not known yet" in finding.problem


def test_an_issuer_that_is_wrong_is_not_also_undiscovered() -> None:
    assert only(ISSUER, token_endpoint="", issuer="ftp://x").field == "issuer"


def test_a_discovered_endpoint_is_checked_too() -> None:
    assert only(ISSUER, token_endpoint="http://as.example/token").field == "token_endpoint"


@pytest.mark.parametrize("method", [AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST])
def test_a_secret_is_required_where_the_method_uses_one(method: AuthMethod) -> None:
    finding = only(BASIC, auth_method=method, secret_present=False)
    assert (finding.field, finding.severity) == ("client_secret", Severity.ERROR)
    assert method in finding.problem


def test_A4_raw_basic_cannot_carry_a_colon() -> None:
    assert only(BASIC, basic_encoding=BasicEncoding.RAW, client_id="a:b").field == "basic_encoding"
    assert findings(BASIC, client_id="a:b") == ()


@pytest.mark.parametrize(
    "pasted",
    ["-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----", ' {"kty":"RSA","d":"CANARY"}'],
)
def test_a_pasted_key_is_recognised_and_not_repeated(pasted: str) -> None:
    finding = only(MANUAL, key_reference=pasted)
    assert finding.field == "key_reference"
    assert "a key itself" in finding.problem
    assert "CANARY" not in str(finding)


def test_an_assertion_for_the_issuer_needs_one() -> None:
    finding = only(MANUAL, assertion_audience=AssertionAudience.ISSUER)
    assert "no issuer is known" in finding.problem
    assert (
        only(MANUAL, assertion_audience=AssertionAudience.ISSUER, issuer="http://as.example").field
        == "issuer"
    )
    assert findings(MANUAL, assertion_audience=AssertionAudience.ISSUER, issuer="https://as.example") == ()
    assert findings(PRESET, assertion_audience=AssertionAudience.ISSUER) == ()


DISCOVERED = replace(ISSUER, endpoint_source=EndpointSource.DISCOVERED)


@pytest.mark.parametrize(
    ("profile", "changes"),
    [
        (MANUAL, {"assertion_audience": "https://other.example/token"}),
        (MANUAL, {"assertion_audience": "https://as.example.evil.example/token"}),
        (MANUAL, {"assertion_audience": "https://as.example:8443/token"}),
        (MANUAL, {"assertion_audience": "urn:other"}),
        (MANUAL, {"assertion_audience": "issuer", "issuer": "https://other.example"}),
        (ISSUER, {"assertion_audience": "issuer", "issuer": "https://other.example"}),
        (DISCOVERED, {"assertion_audience": "https://other.example"}),
    ],
)
def test_D3_an_audience_at_another_server_is_an_error_with_a_way_out(
    profile: Profile, changes: dict[str, Any]
) -> None:
    finding = only(profile, **changes)
    assert (finding.field, finding.severity) == ("assertion_audience", Severity.ERROR)
    assert "https://as.example," in finding.problem
    assert "auto" in finding.remedy and "discovered" in finding.remedy


@pytest.mark.parametrize(
    ("profile", "changes"),
    [
        (MANUAL, {"assertion_audience": "https://as.example/elsewhere"}),
        (MANUAL, {"assertion_audience": "HTTPS://AS.EXAMPLE:443"}),
        (DISCOVERED, {"assertion_audience": "https://as.example"}),
        (BASIC, {"assertion_audience": "https://other.example"}),
    ],
)
def test_D3_an_audience_at_the_server_itself_is_fine(profile: Profile, changes: dict[str, Any]) -> None:
    assert findings(profile, **changes) == ()


@pytest.mark.parametrize("audience", ["auto", "issuer", "https://login.example"])
def test_D3_a_verified_issuer_elsewhere_is_a_warning(audience: str) -> None:
    finding = only(DISCOVERED, issuer="https://login.example", assertion_audience=audience)
    assert (finding.field, finding.severity) == ("token_endpoint", Severity.WARNING)
    assert "another host than the issuer: https://as.example." in finding.problem


def test_an_audience_is_not_judged_by_an_endpoint_that_is_wrong_itself() -> None:
    assert (
        only(MANUAL, token_endpoint="nonsense", assertion_audience="https://o.example").field
        == "token_endpoint"
    )


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"client_id": "short"}, "client_id", "PingOne client ID"),
        ({"client_id": "has space in it"}, "client_id", "PingOne client ID"),
        ({"client_id": "worker-app-1 "}, "client_id", "ends with a space"),
        ({"client_id": "wörker-app"}, "client_id", "printable ASCII"),
        ({"scope": "a,b"}, "scope", "comma"),
        ({"scope": "openid"}, "scope", "no ID token"),
        ({"scope": "p1:read:users"}, "scope", "roles"),
        ({"dpop": True, "dpop_allow_bearer": True}, "dpop_allow_bearer", "may come unbound"),
    ],
)
def test_an_odd_value_is_a_warning_only(changes: dict[str, Any], field: str, words: str) -> None:
    finding = only(PRESET, **changes)
    assert (finding.field, finding.severity) == (field, Severity.WARNING)
    assert words in finding.problem.replace("Comma", "comma")


@pytest.mark.parametrize(
    "text", ["http://api.example", "api.example/v1", "https://api.example#part", "https://[half/an/address"]
)
def test_an_api_to_call_that_cannot_be_used_is_a_warning_naming_the_remedy(text: str) -> None:
    finding = only(MANUAL, api_base=text)
    assert (finding.field, finding.severity) == ("api_base", Severity.WARNING)
    assert finding.remedy


@pytest.mark.parametrize("text", ["", "https://api.example/v1?a=b", "http://127.0.0.1:8000/v1"])
def test_an_api_to_call_that_can_be_used_is_not_remarked_upon(text: str) -> None:
    assert findings(MANUAL, api_base=text) == ()


def test_short_client_ids_are_fine_elsewhere() -> None:
    assert findings(MANUAL, client_id="s6") == ()
    assert findings(MANUAL, scope="p1:read:users") == ()


def test_errors_come_first() -> None:
    found = findings(PRESET, client_id="short", assertion_alg="none")
    assert [f.severity for f in found] == [Severity.ERROR, Severity.WARNING]


@pytest.mark.parametrize("text", ["secret\n", " secret", "secret\r\n", "secret "])
def test_C8_white_space_around_a_secret_is_a_warning(text: str) -> None:
    (finding,) = check_secret(Secret(text))
    assert (finding.field, finding.severity) == ("client_secret", Severity.WARNING)
    assert "line break" in finding.problem


@pytest.mark.parametrize("text", ["ü秘", "tab\tin the middle"])
def test_A5_a_secret_outside_vschar_is_a_warning(text: str) -> None:
    (finding,) = check_secret(Secret(text))
    assert finding.severity is Severity.WARNING
    assert "printable ASCII" in finding.problem
    assert text not in str(finding)


def test_a_secret_id_pasted_for_its_value_is_a_warning() -> None:
    (finding,) = check_secret(Secret("3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b"))
    assert "paste the value" in finding.remedy


def test_an_ordinary_secret_has_no_findings() -> None:
    assert check_secret(Secret("z/tZ9VwFZqApmIQ+ZH1I5pLk/uB4ud:X2")) == ()


@given(st.text(), st.sampled_from(EndpointMode), st.sampled_from(AuthMethod))
def test_any_text_gives_findings_and_no_exception(text: str, mode: EndpointMode, method: AuthMethod) -> None:
    profile = Profile(
        endpoint_mode=mode,
        auth_method=method,
        environment_id=text,
        region=text,
        issuer=text,
        token_endpoint=text,
        client_id=text,
        key_reference=text,
        assertion_alg=text,
        assertion_kid=text,
        assertion_audience=text,
        scope=text,
        audience=text,
        resources=(text,),
    )
    assert all(f.problem for f in check_profile(profile, secret_present=False))
    assert all(text not in str(f) for f in check_secret(Secret(text)) if len(text) > 12)


def test_checking_a_profile_loads_nothing_heavy() -> None:
    program = (
        "import sys, ccflow_tui.oauth.profile_check, ccflow_tui.oauth.diagnosis, ccflow_tui.oauth.response;"
        "heavy = {'httpx', 'joserfc', 'cryptography', 'pydantic'};"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""E11: providers whose metadata names another issuer than it is published under; told, never accepted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccflow_tui.oauth.presets import IssuerQuirk
from ccflow_tui.oauth.providers import PRESETS
from ccflow_tui.oauth.quirks import issuer_quirk

TENANT = "7f3c1d2e-4a5b-4c6d-8e9f-0a1b2c3d4e5f"
ENTRA = "https://login.microsoftonline.com"
TEMPLATE = f"{ENTRA}/{{tenantid}}/v2.0"
B2C = f"https://contoso.b2clogin.com/{TENANT}/v2.0/"
BY_HAND = "https://{}/oauth2/v2.0/token"

CASES: list[tuple[str, str, str, str]] = [
    (f"{ENTRA}/common/v2.0", TEMPLATE, "entra-shared-tenant", "where common stands"),
    (f"{ENTRA}/organizations/v2.0/", TEMPLATE, "entra-shared-tenant", "where organizations stands"),
    (f"{ENTRA}/consumers/v2.0", f"{ENTRA}/{TENANT}/v2.0", "entra-shared-tenant", "where consumers stands"),
    (f"{ENTRA}/common", "https://sts.windows.net/{tenantid}/", "entra-shared-tenant", "where common stands"),
    (
        f"{ENTRA}/contoso.onmicrosoft.com/v2.0",
        f"{ENTRA}/{TENANT}/v2.0",
        "entra-tenant-domain",
        f"Put {TENANT} where contoso.onmicrosoft.com stands.",
    ),
    (f"{ENTRA}/{TENANT}", f"https://sts.windows.net/{TENANT}/", "entra-version-1", f"{ENTRA}/{TENANT}/v2.0"),
    (
        "https://login.partner.microsoftonline.cn/contoso.cn",
        f"https://sts.chinacloudapi.cn/{TENANT}/",
        "entra-version-1",
        f"https://login.partner.microsoftonline.cn/{TENANT}/v2.0",
    ),
    (
        "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0",
        f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0",
        "entra-external-id",
        f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0",
    ),
    (
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_sign_in/v2.0",
        B2C,
        "b2c-policy",
        BY_HAND.format("contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_sign_in"),
    ),
    (
        f"https://login.contoso.com/{TENANT}/b2c_1a_m2m/v2.0/",
        f"https://login.contoso.com/tfp/{TENANT}/b2c_1a_m2m/v2.0/",
        "b2c-policy",
        BY_HAND.format(f"login.contoso.com/{TENANT}/b2c_1a_m2m"),
    ),
]
QUIRKS = [quirk for preset in PRESETS.values() for quirk in preset.issuer_quirks]


@pytest.mark.parametrize(("asked", "stated", "name", "words"), CASES)
def test_E11_the_quirk_has_a_name_and_says_what_to_enter(
    asked: str, stated: str, name: str, words: str
) -> None:
    found = issuer_quirk(asked, stated)
    assert found is not None
    assert (found.kind, words in found.remedy) == (name, True), found
    assert found.problem and found.field == ("endpoint_mode" if name == "b2c-policy" else "issuer")


def test_E11_every_quirk_has_a_case() -> None:
    assert {quirk.name for quirk in QUIRKS} == {name for _, _, name, _ in CASES}


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)
def test_E11_a_remedy_names_only_what_its_patterns_find(quirk: IssuerQuirk) -> None:
    asked, stated = (set(re.compile(pattern).groupindex) for pattern in (quirk.asked, quirk.stated))
    assert not asked & stated
    assert set(re.findall(r"{(\w+)}", quirk.remedy)) <= asked | stated


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ("https://as.example", "https://evil.example"),
        ("https://login.microsoftonline.com.evil.example/common/v2.0", TEMPLATE),
        (f"{ENTRA}/contoso.onmicrosoft.com/v2.0", "https://evil.example"),
        (f"{ENTRA}/contoso.onmicrosoft.com/v2.0", f"https://evil.example/{TENANT}/v2.0"),
        (f"{ENTRA}/{TENANT}/v2.0", f"{ENTRA}/another/v2.0"),
        ("https://contoso.ciamlogin.com/c/v2.0", f"https://{TENANT}.ciamlogin.com/another/v2.0"),
        (f"{ENTRA}/common/v2.0", "x" * 5000),
    ],
)
def test_E11_anything_else_is_no_quirk(asked: str, stated: str) -> None:
    assert issuer_quirk(asked, stated) is None


@given(st.text(), st.text())
def test_E11_any_text_is_safe(asked: str, stated: str) -> None:
    issuer_quirk(asked, stated)

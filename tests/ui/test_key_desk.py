"""What the key workbench changes in a profile, and what keeps it from opening."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ccflow_tui.key_desk import signing_with
from ccflow_tui.models.kept_key import KeptKey, KeyKind
from ccflow_tui.models.problems import SettingsProblem
from ccflow_tui.models.profile import AuthMethod
from tests.support.wizard import PROFILE, make_wizard
from tests.support.workbench import made_key
from tests.ui.drive import driving

RSA, CURVE = made_key("rsa", KeyKind.RSA_2048), made_key("curve")
UNREAD = KeptKey(name="unread", label="unknown", algs=(), kid="", thumbprint="")


@pytest.mark.parametrize(
    ("key", "before", "usable", "alg"),
    [
        (RSA, "PS256", ("RS256", "PS256"), "PS256"),
        (RSA, "ES256", ("RS256", "PS256", "ES256"), "RS256"),
        (RSA, "ES256", ("PS256", "ES256"), "PS256"),
        (RSA, "HS256", (), "RS256"),
        (CURVE, "RS256", ("RS256",), "ES256"),
        (UNREAD, "RS256", (), "RS256"),
    ],
    ids=["fits", "preferred", "listed by the server", "nothing listed", "only one", "not known"],
)
def test_the_algorithm_fits_the_key_and_stays_where_it_does(
    key: KeptKey, before: str, usable: tuple[str, ...], alg: str
) -> None:
    profile = signing_with(replace(PROFILE, assertion_alg=before), key, usable)
    assert profile.assertion_alg == alg
    assert profile.auth_method is AuthMethod.PRIVATE_KEY_JWT
    assert profile.key_reference == f"keyring:{key.name}"


def test_what_belonged_to_another_key_goes_with_it() -> None:
    profile = replace(PROFILE, assertion_kid="its-kid", assertion_certificate="~/its.pem")
    other = signing_with(profile, RSA, ())
    assert (other.assertion_kid, other.assertion_certificate) == ("", "")
    same = signing_with(replace(profile, key_reference=" keyring:rsa "), RSA, ())
    assert (same.assertion_kid, same.assertion_certificate) == ("", "~/its.pem")


async def test_profiles_that_cannot_be_read_are_told_in_place_of_the_workbench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard = make_wizard(tmp_path)
    async with driving(wizard) as driver:

        def fail(_: object) -> None:
            raise SettingsProblem(tmp_path / "settings.json", "profiles", "It is not right.", "Mend it.")

        monkeypatch.setattr(type(wizard.app.parts.book), "profiles", fail)
        await driver.press("f8")
        await driver.done()
        assert driver.dialog is None
        assert "It is not right. Mend it." in driver.notes()

"""Whatever is stored of a profile besides its saved secret is told first, so that it can be noted."""

from __future__ import annotations

from dataclasses import replace

from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.services.credential_names import access_token_name, client_secret_name, dpop_key_name
from ccflow_tui.services.engine import Engine
from tests.services.test_engine import PROFILE, Bench
from tests.support.fakes import DictStore
from tests.support.manual_clock import settle


class Diary(DictStore):
    """A store that writes down what was put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    async def put(self, name: str, secret: Secret) -> None:
        self.lines.append(name)
        await super().put(name, secret)

    async def told(self, profile: Profile) -> None:
        self.lines.append(f"told of {profile.client_id}")


async def test_a_token_and_a_dpop_key_are_told_before_they_are_stored() -> None:
    diary = Diary()
    bench = Bench(store=diary)
    engine = Engine(replace(bench.engine.parts, filed=diary.told))
    await engine.request_token(PROFILE, None, bench.progress.append)
    await settle()
    assert diary.lines == [], "the next run could not use the token of a secret that was typed"
    await engine.save_secret(PROFILE)
    await settle()
    assert diary.lines == [client_secret_name(PROFILE), "told of client-one", access_token_name(PROFILE)]
    diary.lines.clear()
    await engine._dpop_keys.key(PROFILE)
    await engine._dpop_keys.key(PROFILE)
    assert diary.lines == ["told of client-one", dpop_key_name(PROFILE)]
    await engine.close()

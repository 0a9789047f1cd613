"""Discovery that ends while a request is under way neither loses its outcome nor blocks the flow."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ccflow_tui.models.flow import Step
from ccflow_tui.models.profile import AuthMethod, EndpointMode, EndpointSource, Profile
from ccflow_tui.services.ports import WireRequest, WireResponse
from tests.support.fakes import Answer, json_response
from tests.support.wizard import GRANT, make_wizard
from tests.ui.drive import Driver, GatedTransport, driving

PRESET = Profile(
    endpoint_mode=EndpointMode.PRESET,
    environment_id="3f2a1b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b",
    client_id="client-one",
    auth_method=AuthMethod.CLIENT_SECRET_POST,
)


class SlowMetadata(GatedTransport):
    """Publishes metadata once it may, and answers token requests at another gate."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(*answers)
        self.published = asyncio.Event()

    async def exchange(self, request: WireRequest, *, deadline: float) -> WireResponse:
        if request.method != "GET":
            return await super().exchange(request, deadline=deadline)
        await self.published.wait()
        issuer = request.url.partition("/.well-known")[0]
        return json_response(json.dumps({"issuer": issuer, "token_endpoint": f"{issuer}/token"}))


async def until(wizard: Driver, step: Step) -> None:
    while wizard.step is not step:
        await wizard.press("ctrl+j")


@pytest.mark.parametrize("answer", [GRANT, json_response('{"error":"invalid_client"}', 401)])
async def test_a_request_that_discovery_overtakes_still_ends(tmp_path: Path, answer: WireResponse) -> None:
    transport = SlowMetadata(answer)
    async with driving(make_wizard(tmp_path, profiles=(PRESET,), transport=transport)) as wizard:
        await wizard.press("ctrl+g")
        await until(wizard, Step.SEND)
        await wizard.press("ctrl+j")
        assert wizard.app.state.sending
        sent_for = wizard.app.state.profile
        transport.published.set()
        await wizard.rest()
        assert wizard.app.state.profile.endpoint_source is EndpointSource.DISCOVERED
        transport.gate.set()
        await wizard.done()
        assert not wizard.app.state.sending
        if answer is GRANT:
            assert (wizard.step, wizard.app.state.token_profile) == (Step.TOKEN, sent_for)
        else:
            assert "invalid_client" in wizard.screen()
        await wizard.press("1")
        assert wizard.step is Step.CONFIGURE

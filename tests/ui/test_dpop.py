"""DPoP in the wizard: chosen in step 1, seen in step 2, used in steps 3 and 4."""

from __future__ import annotations

from pathlib import Path

from ccflow_tui.models.flow import Step
from ccflow_tui.widgets.choice import ChoiceLine
from tests.support.fakes import ScriptedTransport, json_response
from tests.support.wizard import make_wizard
from tests.ui.drive import driving

ASKS = json_response('{"error":"use_dpop_nonce"}', 400, (("dpop-nonce", "n-1"),))
BOUND = json_response('{"access_token":"CANARY-token-0123456789","token_type":"DPoP","expires_in":3600}')
UNBOUND = json_response('{"access_token":"CANARY-token-0123456789","token_type":"Bearer","expires_in":3600}')


async def test_a_token_is_bound_from_the_choice_to_the_token_screen(tmp_path: Path) -> None:
    transport = ScriptedTransport(ASKS, BOUND)
    async with driving(make_wizard(tmp_path, transport=transport)) as wizard:
        wizard.field("dpop").query_one(ChoiceLine).focus()
        await wizard.press("right")
        assert wizard.app.state.profile.dpop is True
        await wizard.press("ctrl+j")
        assert wizard.step is Step.BUILD
        assert wizard.app.state.request is not None and wizard.app.state.request.proof is not None
        await wizard.press("ctrl+j", "ctrl+j")
        await wizard.done()
        assert wizard.app.state.token is not None
        assert wizard.app.state.token.token_type == "DPoP"
        assert len(transport.requests) == 2


async def test_H5_a_downgrade_is_explained_on_the_send_screen(tmp_path: Path) -> None:
    async with driving(make_wizard(tmp_path, transport=ScriptedTransport(UNBOUND))) as wizard:
        wizard.field("dpop").query_one(ChoiceLine).focus()
        await wizard.press("right", "ctrl+j", "ctrl+j", "ctrl+j")
        await wizard.done()
        assert wizard.app.state.token is None
        assert "ignored the request for a bound token" in wizard.screen()

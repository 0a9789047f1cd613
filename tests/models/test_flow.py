"""The rules of the four steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccflow_tui.actions import main_key
from ccflow_tui.models.access_token import AccessToken
from ccflow_tui.models.flow import FlowState, Step, StepStatus
from ccflow_tui.models.outcome import Cancelled, Granted, Refused, ResourceResult
from ccflow_tui.models.profile import Profile
from ccflow_tui.models.secret import Secret
from ccflow_tui.models.token_request import TokenRequest

REQUEST = TokenRequest("https://as.example/token", headers=(), form=())
TOKEN = AccessToken(Secret("t"), "Bearer", requested_at=0, requested_at_monotonic=0, expires_in=60)


def test_a_new_flow_stands_at_step_one_and_nothing_else_can_be_opened() -> None:
    state = FlowState()
    assert state.status(Step.CONFIGURE) is StepStatus.ACTIVE
    assert [bool(state.why_not(step, main_key)) for step in Step] == [False, True, True, True]
    assert state.done_count == 0


def test_building_opens_two_more_steps_and_completes_the_first() -> None:
    state = FlowState().with_request(REQUEST).at(Step.BUILD)
    assert [bool(state.why_not(step, main_key)) for step in Step] == [False, False, False, True]
    assert state.status(Step.CONFIGURE) is StepStatus.DONE
    assert state.status(Step.BUILD) is StepStatus.ACTIVE
    assert state.status(Step.SEND) is StepStatus.PENDING


def test_an_edit_drops_the_request_so_that_a_stale_one_cannot_be_sent() -> None:
    state = FlowState().with_request(REQUEST)
    edited = state.with_profile(replace(state.profile, client_id="other"))
    assert edited.request is None
    assert edited.why_not(Step.SEND, main_key)


def test_setting_the_same_profile_again_changes_nothing() -> None:
    state = FlowState(Profile(client_id="a")).with_request(REQUEST)
    assert state.with_profile(Profile(client_id="a")) is state


def test_while_sending_no_other_step_can_be_opened() -> None:
    state = FlowState().with_request(REQUEST).at(Step.SEND).started()
    assert "Press Esc" in state.why_not(Step.CONFIGURE, main_key)
    assert not state.why_not(Step.SEND, main_key)


def test_a_grant_completes_all_four_steps() -> None:
    state = FlowState().with_request(REQUEST).at(Step.SEND).started().finished(Granted(TOKEN)).at(Step.TOKEN)
    assert state.done_count == 4
    assert all(state.status(step) is StepStatus.DONE for step in Step)
    assert state.token is TOKEN
    assert state.token_profile == state.profile


def test_a_failure_marks_the_send_step_and_keeps_the_token_there_was() -> None:
    granted = FlowState().with_request(REQUEST).finished(Granted(TOKEN))
    state = granted.at(Step.SEND).started().finished(Refused("invalid_client"))
    assert state.status(Step.SEND) is StepStatus.ERROR
    assert state.token is TOKEN
    assert not state.sending


def test_cancelling_counts_as_not_done() -> None:
    state = FlowState().with_request(REQUEST).at(Step.SEND).started().finished(Cancelled())
    assert state.status(Step.SEND) is StepStatus.ACTIVE
    assert state.at(Step.BUILD).status(Step.SEND) is StepStatus.PENDING
    assert not state.is_done(Step.SEND)
    assert not state.sending


ANSWER = ResourceResult("GET", "https://api", 200)


def test_what_the_api_answered_outlives_a_refresh_and_is_marked_as_older() -> None:
    state = FlowState().with_token(TOKEN, Profile()).with_resource(ANSWER)
    assert (state.resource, state.resource_is_older) == (ANSWER, False)
    refreshed = state.with_token(TOKEN, Profile())
    assert (refreshed.resource, refreshed.resource_is_older) == (ANSWER, True)
    again = refreshed.with_resource(ANSWER)
    assert not again.resource_is_older


def test_what_the_api_answered_does_not_outlive_its_profile() -> None:
    state = FlowState().with_token(TOKEN, Profile()).with_resource(ANSWER)
    other = state.with_token(TOKEN, Profile(client_id="other"))
    assert (other.resource, other.resource_is_older) == (None, False)
    assert state.signed_out().resource is None


def test_the_token_belongs_to_the_profile_it_was_granted_to() -> None:
    state = FlowState(Profile(client_id="first")).with_request(REQUEST).finished(Granted(TOKEN))
    edited = state.with_profile(Profile(client_id="second"))
    assert edited.token_profile == Profile(client_id="first")


@pytest.mark.parametrize("step", list(Step))
def test_signing_out_keeps_the_configuration_only(step: Step) -> None:
    profile = Profile(client_id="kept")
    state = FlowState(profile).with_request(REQUEST).finished(Granted(TOKEN)).at(step).signed_out()
    assert state == FlowState(profile)

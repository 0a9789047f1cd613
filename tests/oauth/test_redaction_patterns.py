"""The marks by which a rule is passed over never hide a credential from it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccflow_tui.oauth.redaction_patterns import _RULES, mask_patterns

RUN = "a1B2c3D4e5F6g7H8i9"
PAIR = base64.b64encode(b"client:secret-123").decode()
EXAMPLES = {
    "PEM": f"-----BEGIN PRIVATE KEY-----\n{RUN}\n-----END PRIVATE KEY-----",
    "JWT": f"a eyJ{RUN}.{RUN}.{RUN} b",
    "header": "proxy-AUTHORIZATION : Negotiate abc",
    "header in a list": "['Authorization', 'x']",
    "bearer": f"BEARER {RUN}",
    "dpop": f"DPoP {RUN}",
    "basic": f"bAsIc {PAIR}",
    "quoted": 'client_secret="a b"',
    "quoted, long s": f"client_\u017fecret='{RUN}'",
    "form": "access-token=abc",
    "XML": "<Pa\u017f\u017fword>abc</password>",
    "plain": f"Clıent_Secret: {RUN}",
    "JWK": f'"d" : "{RUN}"',
    "user": "https://user:pass@host",
}
MARKS = "eyJ bearer Basic secret : = , > \" ' @ ://"
PIECES = st.sampled_from([*EXAMPLES.values(), RUN, PAIR, *MARKS.split(), " ", "\n"])


def without_marks(text: str) -> str:
    for _, pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


@pytest.mark.parametrize("name", EXAMPLES)
def test_L1_every_rule_finds_its_example(name: str) -> None:
    text = EXAMPLES[name]
    assert mask_patterns(text) == without_marks(text) != text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(PIECES | st.text(max_size=4), max_size=8).map("".join))
def test_L1_no_mark_hides_anything(text: str) -> None:
    assert mask_patterns(text) == without_marks(text)

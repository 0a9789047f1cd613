"""A server that takes each DPoP nonce once and offers the next with every answer (RFC 9449, section 8)."""

from __future__ import annotations

import asyncio
from itertools import count

from ccflow_tui.models.outcome import Granted
from ccflow_tui.services.nonces import Nonces
from tests.support.dpop import DpopBench, granted, proofs, refusal
from tests.support.fault_server import Connection, FaultServer

TOGETHER = 6


class OnceOnly:
    """Plays every connection; nobody is answered before as many requests came as are under way at first."""

    def __init__(self) -> None:
        self.good: set[str] = set()
        self.refusals = 0
        self._numbers, self._waiting, self._all_there = count(), TOGETHER, asyncio.Event()

    async def play(self, connection: Connection) -> None:
        while True:
            (proof,) = proofs([await connection.request()])
            self._waiting -= 1
            if self._waiting <= 0:
                self._all_there.set()
            await self._all_there.wait()
            await connection.send(self._answer(proof.get("nonce", "")))

    def _answer(self, nonce: str) -> bytes:
        offered = f"n-{next(self._numbers)}"
        known = nonce in self.good
        self.good.discard(nonce)
        self.good.add(offered)
        if known:
            return granted("t", f"DPoP-Nonce: {offered}")
        self.refusals += 1
        return refusal("use_dpop_nonce", f"DPoP-Nonce: {offered}")


async def test_H2_requests_under_way_together_never_share_a_nonce_that_counts_once() -> None:
    bench, judge = DpopBench(), OnceOnly()
    async with FaultServer(judge.play) as server:
        profile = bench.profile(server.url)
        for _ in range(3):
            outcomes = await asyncio.gather(*(bench.ask(profile) for _ in range(TOGETHER)))
            assert all(isinstance(outcome, Granted) for outcome in outcomes), outcomes
    await bench.engine.close()
    assert judge.refusals == TOGETHER  # the first of each; then there was a nonce for every request
    held = [proof["nonce"] for proof in proofs(server.requests) if "nonce" in proof]
    assert len(held) == len(set(held))


def test_H2_one_nonce_serves_until_there_is_another() -> None:
    nonces = Nonces()
    assert (nonces.take(), nonces.suits(""), nonces.suits("of an earlier run")) == ("", True, True)
    for offered in ("n-1", "n-1", ""):
        nonces.offer(offered)
        assert (nonces.take(), nonces.latest) == ("n-1", "n-1")
    assert not nonces.suits("")
    nonces.offer("n-2")
    assert nonces.take() == "n-2"


def test_H2_of_several_unused_nonces_the_newest_goes_first_and_each_to_one_proof() -> None:
    nonces = Nonces()
    for number in range(3):
        nonces.offer(f"n-{number}")
    assert [nonces.take() for _ in range(4)] == ["n-2", "n-1", "n-0", "n-2"]
    assert nonces.suits("n-0"), "a proof that was given it alone may still go"
    assert not nonces.suits("n-7")


def test_H2_a_flood_of_nonces_is_bounded() -> None:
    nonces = Nonces()
    for number in range(10_000):
        nonces.offer(f"n-{number}")
    taken = [nonces.take() for _ in range(20)]
    assert taken[0] == taken[-1] == "n-9999"
    assert len(set(taken)) == 16

"""What makes an RSA public key too weak to trust (RFC 7518, section 3.3)."""

from __future__ import annotations

from ccflow_tui.oauth.algorithms import MIN_RSA_BITS

MAX_BITS = 16_384
_MAX_EXPONENT_BITS = 64
_GENERATOR = 65_537
_MARKED_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


def rsa_weakness(modulus: int, exponent: int) -> str:
    """Return why a key must not be used, in words that follow "it", or an empty text."""
    bits = modulus.bit_length()
    if bits < MIN_RSA_BITS:
        return f"has {bits} bits, which is too weak (RFC 7518, section 3.3)"
    if bits > MAX_BITS:
        return f"has {bits} bits, more than any key in use"
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > _MAX_EXPONENT_BITS:  # noqa: PLR2004 - 3 is the least
        return "has a public exponent that signs nothing"
    if _is_roca(modulus):
        return "was made by a chip whose keys can be broken (ROCA, CVE-2017-15361)"
    return ""


def _is_roca(modulus: int) -> bool:
    """Tell the keys of CVE-2017-15361: modulo small primes, they are all powers of one number.

    A sound key passes for one with a chance of one in a hundred million.
    """
    return all(modulus % prime in _powers(prime) for prime in _MARKED_PRIMES)


def _powers(prime: int) -> frozenset[int]:
    return frozenset(pow(_GENERATOR, exponent, prime) for exponent in range(prime))

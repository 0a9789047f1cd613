"""ccflow: a keyboard-first wizard for the OAuth 2.0 client credentials grant (RFC 6749, section 4.4)."""

__version__ = "0.1.0"

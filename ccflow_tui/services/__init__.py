"""Async I/O around the protocol: HTTP, secret stores, files, the clock."""

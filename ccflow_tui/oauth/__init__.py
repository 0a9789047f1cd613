"""Pure OAuth 2.0 protocol: values in, values out, no I/O and no clock of its own."""

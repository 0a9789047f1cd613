"""The embedded authorization server and API that ``ccflow --demo`` talks to."""

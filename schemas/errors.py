"""Errors are named for what the caller does next."""

from __future__ import annotations


class PresslakeError(Exception):
    """Root of every error we raise on purpose; its message is one sentence that says what to do."""


class TryLater(PresslakeError):
    """The cause may pass by itself (a server away, a timeout): the same call may succeed later."""


class Reject(PresslakeError):
    """This input is wrong and stays wrong: leave it out, with the reason, and go on with the rest."""


class Halt(PresslakeError):
    """Going on would harm what is published: stop the slot, publish nothing, tell a person."""

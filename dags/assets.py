"""What the DAGs hand each other: an event says which slot moved, the ledger says what to do."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule

from schemas.errors import Halt, Reject

captures = Asset(name="captures", uri="presslake://captures", group="presslake")
articles = Asset(name="articles", uri="presslake://articles", group="presslake")

#: Errors say what to do next: `Halt` and `Reject` fail at once, everything else is tried again.
DEFAULT_ARGS = {
    "owner": "presslake",
    "retries": 3,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    "retry_policy": ExceptionRetryPolicy(
        rules=[
            RetryRule(exception=Halt, action=RetryAction.FAIL, reason="a person has to look"),
            RetryRule(exception=Reject, action=RetryAction.FAIL, reason="the input stays wrong"),
        ]
    ),
}

"""Real servers for the tests: one S3 and one PostgreSQL a test process, started when first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from presslake.services import running
from presslake.services.ports import free_ports
from schemas.settings import Settings

# The same examples every time, on machines of any speed; `--hypothesis-profile default` looks for others.
hypothesis.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.load_profile("steady")

#: Files that take longest; those that follow fill up the time of whichever process is done first.
LONGEST = (
    "presslake/test_airflow.py",
    "journey/test_crashes.py",
    "journey/test_ingest.py",
    "journey/test_memory.py",
    "journey/test_truth.py",
    "journey/test_reruns.py",
    "presslake/test_services.py",
    "presslake/test_cli.py",
    "spiders/test_rendered.py",
    "lake/test_races.py",
)


def pytest_configure() -> None:
    """What a person exports for an installation of their own is not for the tests; `PRESSLAKE_ACCEPT` is."""
    for name in Settings.model_fields:
        os.environ.pop(f"PRESSLAKE_{name.upper()}", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; whatever needs our servers is slow."""
    items.sort(
        key=lambda it: next((n for n, file in enumerate(LONGEST) if it.path.match(file)), len(LONGEST))
    )
    for item in items:
        if "services" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings that reach a live S3 and PostgreSQL on ports of their own, in a state folder of their own."""
    s3, postgres = free_ports(2)
    state_dir = tmp_path_factory.mktemp("state")
    with running(
        Settings(state_dir=state_dir, s3_port=s3, postgres_port=postgres), {"s3", "postgres"}
    ) as live:
        yield live


@pytest.fixture
def lake_settings(services: Settings) -> Settings:
    """The same servers, an empty lake."""
    return empty_lake(services)


def empty_lake(services: Settings) -> Settings:
    """Settings of a folder in the bucket and a namespace that nobody else uses."""
    name = uuid4().hex[:12]
    return services.model_copy(update={"s3_prefix": f"lake-{name}", "namespace": f"lake_{name}"})

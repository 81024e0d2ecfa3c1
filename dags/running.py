"""How a task runs a step: with what the environment sets, for the slot of its run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from airflow.sdk import Asset, Context, Param, get_current_context

from dags.assets import articles

SLOT_PARAM = {
    "slot": Param(
        None,
        type=["null", "string"],
        title="Slot",
        description="Start of the interval in UTC, e.g. 2026-11-22T12:15:00. Empty: the run's partition key.",
    )
}


def current_slot(context: Context | None = None) -> str:
    """The slot of this run: its partition key, or the `slot` of the form."""
    from schemas.errors import Halt

    context = context or get_current_context()
    slot = context.get("partition_key") or context["params"].get("slot")
    if not slot:
        raise Halt("this run has no slot: trigger it with a partition key, or fill in `slot`")
    return str(slot)


def run_step(name: str, *args: Any) -> Any:
    """Call `presslake.steps.<name>` (or `presslake.<module>.<name>`) and hand back what it gives.

    Imported here, so that parsing DAGs is quick.
    """
    from presslake.pipeline import open_pipeline

    module, _, step = name.rpartition(".")
    with open_pipeline() as pipeline:
        return getattr(import_module(f"presslake.{module or 'steps'}"), step)(pipeline, *args)


def run_for_slot(name: str, slot: str) -> dict[str, int]:
    """Call a step that changes the articles of a slot, one of several in this run; tell it to the articles' asset."""
    context = get_current_context()
    context["slot_name"] = slot
    counts: dict[str, int] = run_step(name, slot)
    tell(articles, slot, counts)
    context["outlet_events"][articles].add_partitions(slot)
    return counts


def tell(asset: Asset, slot: str, counts: dict[str, int]) -> None:
    """Put slot and counts into the asset event, so that they are read in the UI without opening a log."""
    get_current_context()["outlet_events"][asset].extra = {"slot": slot, **counts}

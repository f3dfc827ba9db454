"""Texts of a verdict for the HTML templates."""

from __future__ import annotations

from dataclasses import dataclass

from acm_etl.status import texts
from acm_etl.status.machine_status import MachineStatus
from acm_etl.status.reasons import Level, Verdict


@dataclass(frozen=True, slots=True)
class VerdictTexts:
    """Texts of a verdict.

    Attributes:
        level: Urgency, for the style of the page.
        label: Urgency as people read it.
        headline: The most important fact.
        state: Health at the last assessed reading; empty if the headline says it.
        contributor: Sensor to look at first; empty if no sensor stands out.
        reasons: Further reasons, most urgent first.
        notes: Facts that are no reason of the verdict but explain it.
    """

    level: Level
    label: str
    headline: str
    state: str
    contributor: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


def build_verdict_texts(status: MachineStatus, verdict: Verdict) -> VerdictTexts:
    """Return the texts of a verdict."""
    return VerdictTexts(
        level=verdict.level,
        label=texts.LEVEL_LABELS[verdict.level],
        headline=texts.describe_headline(status, verdict),
        # Without a reason, the headline is this sentence already.
        state=texts.describe_state(status) if verdict.reasons and status.health else "",
        contributor=texts.describe_contributor(status),
        # The headline is the first reason.
        reasons=tuple(texts.describe_reason(reason, status.code) for reason in verdict.reasons[1:]),
        notes=tuple(texts.describe_notes(status)),
    )

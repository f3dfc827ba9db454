"""Progress receivers: one that keeps all events, and one that acts at a chosen moment of a backfill."""

from __future__ import annotations


class RecordingProgress:
    """A progress receiver that keeps all events.

    Attributes:
        events: Event, machine and value of each: "count" with the machines, "start" and "advance" with windows, a stage
            with its detail, "end" with the outcome.
    """

    def __init__(self):
        self.events = []

    def set_machine_count(self, machines):
        self.note("count", None, machines)

    def start_machine(self, machine, *, windows):
        self.note("start", machine, windows)

    def set_stage(self, machine, stage, *, detail=""):
        self.note(stage, machine, detail)

    def advance(self, machine, *, windows, rows, detail=""):  # noqa: ARG002 - the protocol
        self.note("advance", machine, windows)

    def finish_machine(self, machine, *, outcome):
        self.note("end", machine, outcome)

    def note(self, event, machine, value):
        self.events.append((event, machine, value))

    def list_events(self, code):
        """Return the events of a machine, without their values."""
        return [event for event, machine, _ in self.events if machine == code]


class ActionOnProgress(RecordingProgress):
    """Calls a function at an event of a machine.

    Args:
        event: The event.
        code: Machine.
        act: Function to call.
        skip: Occurrences of the event that pass before the first call.
        times: Calls at the most, one for each further occurrence.
    """

    def __init__(self, event, code, act, *, skip=0, times=1):
        super().__init__()
        self._event, self._code, self._act, self._skip, self.left = event, code, act, skip, times

    def note(self, event, machine, value):
        super().note(event, machine, value)
        if (event, machine) != (self._event, self._code) or not self.left:
            return
        if self._skip:
            self._skip -= 1
            return
        self.left -= 1
        self._act()

"""How fast a job goes, from what it told lately; and how often that is told."""

from collections import deque

# Seconds that are looked back: long enough to be calm, short enough to notice a change.
WINDOW = 12
# A shorter look says nothing: batches arrive in bursts.
SHORTEST = 1

# Seconds that a job has run, and the pause between two tellings of it. A short import
# moves smoothly; a long one does not wake every open page four times a second for
# minutes, which is what costs Odoo: each page's websocket then reads the bus.
PAUSES = ((5, 0.25), (15, 0.5), (30, 1))
LONGEST_PAUSE = 2
# All jobs are told of at once, so several of them share what one may cost. Pages are
# told how long they will hear nothing, and let the bar glide meanwhile.
LONGEST_SHARED_PAUSE = 10


def pause(seconds_running, jobs=1):
    """Seconds between two tellings while so many jobs run, the youngest so long."""
    alone = next(
        (pause for until, pause in PAUSES if seconds_running < until), LONGEST_PAUSE
    )
    return min(alone * max(jobs, 1), LONGEST_SHARED_PAUSE)


class Pace:
    def __init__(self, rows_per_second=0):
        """`rows_per_second` holds until enough was told."""
        self.rows_per_second = rows_per_second
        self._told = deque()

    def tell(self, seconds, rows_done):
        """Takes note that at that time so many rows were done."""
        if self._told and (
            rows_done < self._told[-1][1] or seconds < self._told[-1][0]
        ):
            self._told.clear()  # started anew
        self._told.append((seconds, rows_done))
        while len(self._told) > 2 and seconds - self._told[0][0] > WINDOW:
            self._told.popleft()
        first_seconds, first_rows = self._told[0]
        if seconds - first_seconds >= SHORTEST:
            self.rows_per_second = (rows_done - first_rows) / (seconds - first_seconds)

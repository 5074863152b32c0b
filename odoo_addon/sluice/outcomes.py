"""What became of the rows of a batch, as lists that go into an answer, and packed into
the ledger.
"""

# Lists of bare row numbers, and lists whose entries begin with one.
BARE = ("created", "updated", "unchanged")
TOLD = ("skipped", "errors")


class Outcomes:
    """Five lists of rows; each row stands in exactly one of them."""

    def __init__(self, lists=None):
        lists = lists or {}
        self.lists = {name: list(lists.get(name, ())) for name in (*BARE, *TOLD)}

    @classmethod
    def unpacked(cls, packed):
        """From what `packed` gave."""
        lists = dict(packed or {})
        for name in BARE:
            lists[name] = [
                row
                for first, last in lists.get(name, ())
                for row in range(first, last + 1)
            ]
        return cls(lists)

    def packed(self):
        """The same with runs of bare row numbers as [first, last], since most rows of a
        list fare like the one before.
        """
        packed = dict(self.lists)
        for name in BARE:
            runs = []
            for row in self.lists[name]:
                if runs and row == runs[-1][1] + 1:
                    runs[-1][1] = row
                else:
                    runs.append([row, row])
            packed[name] = runs
        return packed

    def add(self, outcome, row, *told):
        """Adds a row: `told` is the reason of a skipped row, the code and message of an
        error.
        """
        self.lists[outcome].append([row, *told] if outcome in TOLD else row)

    def extend(self, other):
        for name, entries in other.lists.items():
            self.lists[name].extend(entries)

    def part(self, first, last):
        """The outcomes of the rows first..last."""
        part = Outcomes()
        for name in BARE:
            part.lists[name] = [row for row in self.lists[name] if first <= row <= last]
        for name in TOLD:
            part.lists[name] = [
                entry for entry in self.lists[name] if first <= entry[0] <= last
            ]
        return part

    def of(self, rows):
        """The outcomes of the rows in the set `rows`."""
        part = Outcomes()
        for name in BARE:
            part.lists[name] = [row for row in self.lists[name] if row in rows]
        for name in TOLD:
            part.lists[name] = [entry for entry in self.lists[name] if entry[0] in rows]
        return part

    def rows(self):
        """The numbers of all rows that have an outcome."""
        return {
            *(row for name in BARE for row in self.lists[name]),
            *(entry[0] for name in TOLD for entry in self.lists[name]),
        }

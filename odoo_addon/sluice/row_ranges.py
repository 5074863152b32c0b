"""Arithmetic on inclusive ranges of row numbers."""


def uncovered(first, last, covered):
    """The parts of first..last that no range of `covered` holds, in order.

    `covered` is an iterable of (first, last) pairs in any order; they may overlap each
    other and stick out.
    """
    gaps = []
    for covered_first, covered_last in sorted(covered):
        if covered_first > last:
            break
        if covered_first > first:
            gaps.append((first, covered_first - 1))
        first = max(first, covered_last + 1)
    if first <= last:
        gaps.append((first, last))
    return gaps

# What a live bar showed, from its first to its last value, as the page itself saw it.
from conversation import ask

# The test holds the import after so many percent of its rows, one after the other; a batch may be cut short before them.
HELD = (25, 55)

RECORD = """
() => {
    window.sluiceBar = [];
    const look = () => {
        const bar = document.querySelector(".o_sluice_progress");
        if (!bar) return;
        const percent = bar.querySelector(".o_sluice_percent");
        const state = bar.querySelector(".o_sluice_state");
        const seen = {
            percent: parseInt(percent ? percent.textContent : "0") || 0,
            words: state ? state.textContent : "",
            state: bar.dataset.state,
        };
        const last = window.sluiceBar.at(-1);
        if (!last || last.percent !== seen.percent || last.state !== seen.state) window.sluiceBar.push(seen);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    look();
}
"""


def record(page):
    """Begins to write down what the bar of this page shows; a reload of the page would forget it."""
    page.evaluate(RECORD)


def recorded(page):
    """What was written down, as a list of {percent, words, state}."""
    values = page.evaluate("() => window.sluiceBar")
    assert values is not None, "the page was loaded anew meanwhile"
    return values


def wait_for_percent(page, percent):
    page.wait_for_function("(wanted) => window.sluiceBar.some(({ percent }) => percent >= wanted)", arg=percent)


def wait_for_first_hold(page):
    """Waits until the bar shows that the import came to where the test holds it first."""
    wait_for_percent(page, HELD[0])


def go_to_second_hold(page):
    """Lets the import go on, and waits until the bar shows that it is held again."""
    ask("let the import go on")
    wait_for_percent(page, HELD[1])


def let_go(page):
    """Lets the import go on to its end."""
    ask("let the import go on")
    wait_for_end(page)


def wait_for_end(page):
    page.wait_for_selector(".o_sluice_progress[data-state=succeeded]")


def check_moved(values):
    """Fails unless the bar moved in at least three steps, only forwards, up to the end."""
    percents = [value["percent"] for value in values]
    assert percents == sorted(percents), f"the bar went back: {values}"
    assert len(set(percents)) >= 3, f"the bar hardly moved: {values}"
    assert percents[-1] == 100, f"the bar did not arrive: {values}"

# How a tour talks with the test that started it: what is given comes as JSON on the command line, a request goes out as one line
# and is answered by one line, and at the end the tour tells what it saw.
import json
import sys


def given():
    return json.loads(sys.argv[1])


def ask(what):
    """Asks the test to do something and waits until it is done."""
    print(f"asks {what}", flush=True)
    answer = sys.stdin.readline().strip()
    assert answer == "done", f"the test could not {what}: {answer}"


def tell(saw):
    print(f"saw {json.dumps(saw)}", flush=True)

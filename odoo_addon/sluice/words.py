# What the server says of jobs and refusals, in the reader's language: found by its
# codes, which never change.
import re

from .words_of_jobs import refusals, story

# A number as the server writes it, or what it puts in quotes: facts that the words are
# about.
NUMBER = re.compile(r"\d[\d,]*")
QUOTED = re.compile(r"'(?:[^']|'(?=\w))*'")


def in_words(env, code, told):
    """The server's sentence for the reader of `env`: its own for readers of English and
    for codes without words here.

    For what went wrong on the way to the server, `told` is its address.
    """
    if not told:
        return False
    words = _on_the_way(env, told) | _to_do(env, told)
    if not reads_english(env):
        # What the server says of its steps in passing has no words of ours.
        words |= {"progress": False} | story(
            env, numbers(told), quoted(told), under_way(told)
        )
        words |= refusals(env)
    return words.get(code or "", sentence(told))


def reads_english(env):
    return (env.lang or "en_US").startswith("en")


def quoted(told):
    """What the server's sentence quotes first: the value that it is about; empty if it
    quotes nothing.
    """
    found = QUOTED.search(told or "")
    return found.group().strip("'") if found else ""


def under_way(told):
    """The names at the end of the server's sentence of what it is fetching now."""
    return (told or "").partition("; fetching ")[2]


def numbers(told):
    """The numbers of the server's sentence as it writes them, but those in quotes."""
    return NUMBER.findall(QUOTED.sub("", told or ""))


def sentence(words):
    """Words of the server, which begin small and end without a dot, as a sentence."""
    words = (words or "").strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".!?" else ".")


def _on_the_way(env, target):
    return {
        "NO_SERVER": env._(
            "No Sluice server is set yet: an administrator enters its address in the "
            "settings of Sluice."
        ),
        "ADDRESS_INVALID": env._(
            "%(address)s is not an address of a server: write https://host:port.",
            address=target,
        ),
        "ADDRESS_UNSAFE": env._(
            "%(address)s would send the token unprotected over the network: the server "
            "needs TLS, and the address https.",
            address=target,
        ),
        "UNREACHABLE": env._(
            "The Sluice server at %(target)s does not answer. Is it running, and is "
            "its address right in "
            "the settings of Sluice?",
            target=target,
        ),
        "TLS": env._(
            "The connection to %(target)s could not be secured: the server's "
            "certificate is not trusted here, or the "
            "server does not speak TLS. Its certificate can be entered in the "
            "settings of Sluice.",
            target=target,
        ),
        "TOO_SLOW": env._(
            "The Sluice server at %(target)s took too long to answer. Please try "
            "again in a moment.",
            target=target,
        ),
        "NO_SUCH_METHOD": env._(
            "The Sluice server at %(target)s is too old for this addon, or is no "
            "Sluice server.",
            target=target,
        ),
        "REFUSED": env._(
            "The Sluice server at %(target)s refused the call.", target=target
        ),
    }


def _to_do(env, told):
    """Refusals for which we know better words than the server, or what to do."""
    # The server tells its limit in bytes.
    limit = next(iter(numbers(told)), "").replace(",", "")
    too_large = env._(
        "The list is larger than the %(megabytes)s MB that the server accepts.",
        megabytes=int(limit) >> 20 if limit else "",
    )
    return {
        "FILE_TOO_LARGE": too_large,
        "file_too_large": too_large,
        "TOKEN_MISSING": env._(
            "This Odoo is not connected to Sluice yet: an administrator connects it "
            "in the settings of Sluice."
        ),
        "TOKEN_INVALID": env._(
            "The Sluice server does not know this Odoo's token or code (any more): "
            "connect again with a new code."
        ),
        "JOB_NOT_FOUND": env._("The Sluice server does not know this job (any more)."),
        "SHUTTING_DOWN": env._(
            "The Sluice server is restarting. Please try again in a moment."
        ),
        "DATABASE_AWAY": env._(
            "The Sluice server is restarting. Please try again in a moment."
        ),
    }

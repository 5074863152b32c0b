# What the server refuses, and a server that is not reached, as sentences for the person at the screen.
import grpc
from google.rpc import error_details_pb2, status_pb2

from odoo.exceptions import UserError

DETAILS = "grpc-status-details-bin"


class ServerError(UserError):
    """The server refused a call or was not reached. What it says is fit to be shown.

    `reason` is a word of the contract's `Reason` without its prefix, such as JOB_NOT_FOUND; here also UNREACHABLE,
    TLS and TOO_SLOW for what went wrong on the way. `field` names the request's field at fault, else it is empty.
    """

    def __init__(self, message, reason="", field="", metadata=None):
        super().__init__(message)
        self.reason = reason
        self.field = field
        self.metadata = metadata or {}

    @property
    def is_away(self):
        """Whether the same call may well succeed later, without anybody changing anything."""
        return self.reason in ("UNREACHABLE", "TOO_SLOW", "SHUTTING_DOWN", "DATABASE_AWAY")


def server_error(env, error, target):
    """The ServerError for what grpc raised when `target` was called."""
    info, field = _details(error)
    if info:
        metadata = dict(info.metadata)
        return ServerError(_words(env, info.reason, error.details()), info.reason, field, metadata)
    reason = _on_the_way(error)
    return ServerError(_words(env, reason, error.details(), target), reason)


def _on_the_way(error):
    code, details = error.code(), (error.details() or "").lower()
    if code == grpc.StatusCode.UNAVAILABLE:
        return "TLS" if any(word in details for word in ("ssl", "tls", "certificate", "handshake")) else "UNREACHABLE"
    if code in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED):
        return "TOO_SLOW"
    if code == grpc.StatusCode.UNIMPLEMENTED:
        return "NO_SUCH_METHOD"
    return ""


def _details(error):
    """The ErrorInfo that the server sent along, or None, and the field it names, or nothing."""
    trailers = dict(error.trailing_metadata() or ()) if hasattr(error, "trailing_metadata") else {}
    status = status_pb2.Status()
    status.ParseFromString(trailers.get(DETAILS, b""))
    found, field = None, ""
    for detail in status.details:
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info) and info.domain == "sluice":
            found = info
        elif detail.Unpack(request) and request.field_violations:
            field = request.field_violations[0].field
    return found, field


def _words(env, reason, details, target=""):
    """The sentence for a reason. Where the server knows more than we do, its own sentence."""
    details = details or ""
    match reason:
        case "UNREACHABLE":
            return env._(
                "The Sluice server at %(target)s does not answer. Is it running, and is its address right in "
                "the settings of Sluice?",
                target=target,
            )
        case "TLS":
            return env._(
                "The connection to %(target)s could not be secured: the server's certificate is not trusted here, or the "
                "server does not speak TLS. Its certificate can be entered in the settings of Sluice.",
                target=target,
            )
        case "TOO_SLOW":
            return env._("The Sluice server at %(target)s took too long to answer. Please try again in a moment.", target=target)
        case "NO_SUCH_METHOD":
            return env._("The Sluice server at %(target)s is too old for this addon, or is no Sluice server.", target=target)
        case "TOKEN_MISSING":
            return env._("This Odoo is not connected to Sluice yet: an administrator connects it in the settings of Sluice.")
        case "TOKEN_INVALID":
            return env._("The Sluice server does not know this Odoo's token or code (any more): connect again with a new code.")
        case "JOB_NOT_FOUND":
            return env._("The Sluice server does not know this job (any more).")
        case "SHUTTING_DOWN" | "DATABASE_AWAY":
            return env._("The Sluice server is restarting. Please try again in a moment.")
    return sentence(details) or env._("The Sluice server at %(target)s refused the call.", target=target)


def sentence(words):
    """Words of the server, which begin small and end without a dot, as a sentence."""
    words = words.strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".!?" else ".")

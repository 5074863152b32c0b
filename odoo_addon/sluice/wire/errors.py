# What the server refuses, and a server that is not reached, as sentences for the person
# at the screen.
import grpc
from google.rpc import error_details_pb2, status_pb2

from odoo.exceptions import UserError

from ..words import in_words

DETAILS = "grpc-status-details-bin"


class ServerError(UserError):
    """The server refused a call or was not reached. What it says is fit to be shown.

    `reason` is a word of the contract's `Reason` without its prefix, such as
    JOB_NOT_FOUND; here also UNREACHABLE, TLS and TOO_SLOW for what went wrong on the
    way, and NO_SERVER, ADDRESS_INVALID and ADDRESS_UNSAFE for settings. `field` names
    the request's field at fault, else it is empty. `told` are the server's own words,
    in English, or its address when it said nothing: what `in_words` makes a sentence
    of.
    """

    def __init__(self, message, reason="", field="", metadata=None, told=""):
        super().__init__(message)
        # Odoo's pages know dialogs by the names of exceptions, and this is none of
        # theirs: without it they show "Oops!" instead of the message.
        self.context = {"exception_class": "odoo.exceptions.UserError"}
        self.told = told
        self.reason = reason
        self.field = field
        self.metadata = metadata or {}

    @property
    def waits_for_settings(self):
        """Whether the same call may well succeed once somebody has mended the settings
        of Sluice.
        """
        return self.reason in (
            "NO_SERVER",
            "ADDRESS_INVALID",
            "ADDRESS_UNSAFE",
            "TLS",
            "TOKEN_MISSING",
            "TOKEN_INVALID",
        )

    @property
    def is_away(self):
        """Whether the same call may well succeed later, without anybody changing
        anything.
        """
        return self.reason in (
            "UNREACHABLE",
            "TOO_SLOW",
            "SHUTTING_DOWN",
            "DATABASE_AWAY",
        )


def server_error(env, error, target):
    """The ServerError for what grpc raised when `target` was called."""
    info, field = _details(error)
    if info:
        reason, told, metadata = info.reason, error.details(), dict(info.metadata)
    else:
        reason, told, metadata = _on_the_way(error), target, {}
        if not reason:
            reason, told = (
                ("", error.details()) if error.details() else ("REFUSED", target)
            )
    return ServerError(
        in_words(env, reason, told) or reason, reason, field, metadata, told
    )


def _on_the_way(error):
    code, details = error.code(), (error.details() or "").lower()
    if code == grpc.StatusCode.UNAVAILABLE:
        return (
            "TLS"
            if any(
                word in details for word in ("ssl", "tls", "certificate", "handshake")
            )
            else "UNREACHABLE"
        )
    if code in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED):
        return "TOO_SLOW"
    if code == grpc.StatusCode.UNIMPLEMENTED:
        return "NO_SUCH_METHOD"
    return ""


def _details(error):
    """The ErrorInfo that the server sent along, or None, and the field it names, or
    nothing.
    """
    trailers = (
        dict(error.trailing_metadata() or ())
        if hasattr(error, "trailing_metadata")
        else {}
    )
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

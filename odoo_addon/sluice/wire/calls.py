# Calls of the contract's methods by their descriptors: message in, message out, with
# deadline and token.
import grpc

from .channel import channel
from .errors import ServerError, server_error
from .plain import to_plain


class Calls:
    """The methods of one service, such as `sluice.v1.Jobs`."""

    def __init__(self, env, settings, file, service):
        self._env = env
        self._settings = settings
        self._service = file.DESCRIPTOR.services_by_name[service]
        self._file = file

    def unary(self, method, request, deadline):
        """Calls a method that takes one message (or an iterable of them) and gives one;
        the answer as a dict.
        """
        try:
            return to_plain(
                self._call(method)(request, timeout=deadline, metadata=self._metadata())
            )
        except grpc.RpcError as error:
            raise self._refused(error) from error

    def stream(self, method, request, deadline):
        """Calls a method that streams its answers; yields each as a dict. Leaving the
        loop ends the call.
        """
        call = None
        try:
            call = self._call(method)(
                request, timeout=deadline, metadata=self._metadata()
            )
            for answer in call:
                yield to_plain(answer)
        except grpc.RpcError as error:
            raise self._refused(error) from error
        finally:
            if call is not None:
                call.cancel()

    def _call(self, name):
        method = self._service.methods_by_name[name]
        asks = "stream" if method.client_streaming else "unary"
        answers = "stream" if method.server_streaming else "unary"
        answer = getattr(self._file, method.output_type.name)
        return getattr(channel(self._settings), f"{asks}_{answers}")(
            f"/{self._service.full_name}/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString,
        )

    def _metadata(self):
        return (
            [("authorization", f"Bearer {self._settings.token}")]
            if self._settings.token
            else []
        )

    def _refused(self, error) -> ServerError:
        return server_error(self._env, error, self._settings.target)

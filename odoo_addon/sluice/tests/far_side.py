# A gRPC server that answers as it is told to, on a free port: the far side of the wire
# for tests.
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2


class FarSide(grpc.GenericRpcHandler):
    """`answers` maps a method such as "/sluice.v1.Jobs/Get" to a function of (request
    bytes, context) that gives bytes.
    """

    def __init__(self, answers):
        self.answers = answers
        self.metadata = {}
        self._server = grpc.server(ThreadPoolExecutor(max_workers=4))
        self._server.add_generic_rpc_handlers([self])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self):
        self._server.start()
        return self

    def __exit__(self, *error):
        self._server.stop(None).wait()

    def service(self, call):
        self.metadata = dict(call.invocation_metadata)
        answer = self.answers.get(call.method)
        if answer is None:
            return None
        if call.method.endswith(("/Watch", "/FixFile")):
            return grpc.unary_stream_rpc_method_handler(answer)
        if call.method.endswith("/Upload"):
            return grpc.stream_unary_rpc_method_handler(answer)
        return grpc.unary_unary_rpc_method_handler(answer)


def refuse(code, message, reason, field="", **metadata):
    """An answer that refuses as the server does."""
    status = status_pb2.Status(code=code.value[0], message=message)
    _pack(
        status,
        error_details_pb2.ErrorInfo(domain="sluice", reason=reason, metadata=metadata),
    )
    if field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=field, description=message
        )
        _pack(status, error_details_pb2.BadRequest(field_violations=[violation]))

    def answer(_request, context):
        context.set_trailing_metadata(
            [("grpc-status-details-bin", status.SerializeToString())]
        )
        context.abort(code, message)

    return answer


def _pack(status, detail):
    packed = Any()
    packed.Pack(detail)
    status.details.append(packed)

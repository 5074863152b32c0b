# The way to the Sluice server. The only folder that knows gRPC: plain dicts go in and
# out, refusals come as ServerError.
from . import errors
from .client import Client

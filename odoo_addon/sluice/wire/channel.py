# One gRPC channel per process and server, opened at its first use: a channel does not
# survive the fork of a worker.
import os
import threading

import grpc

import odoo

_lock = threading.Lock()
_channels = {}
_ready_for_gevent = False

OPTIONS = (
    # A dead network is noticed in half a minute, also while a stream is silent.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # A server that was away is tried again soon: people wait for it.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
)


def channel(settings):
    """The channel to the server of these settings."""
    key = (os.getpid(), settings.target, settings.secure, settings.certificate)
    with _lock:
        if key not in _channels:
            _prepare_for_gevent()
            # Those of the process that this one was forked from are not ours to use or
            # to close.
            for other in [known for known in _channels if known[0] != key[0]]:
                del _channels[other]
            _channels[key] = _open(settings)
        return _channels[key]


def _open(settings):
    if not settings.secure:
        return grpc.insecure_channel(settings.target, OPTIONS)
    roots = settings.certificate.encode() or None
    return grpc.secure_channel(
        settings.target, grpc.ssl_channel_credentials(roots), OPTIONS
    )


def _prepare_for_gevent():
    # Without this, a call would stop all websockets of the evented server for as long
    # as it takes.
    global _ready_for_gevent
    if odoo.evented and not _ready_for_gevent:
        from grpc.experimental import gevent

        gevent.init_gevent()
        _ready_for_gevent = True

"""Prints a port that is free now, below the range that outgoing connections use."""

import random
import socket

while True:
    port = random.randint(15000, 32000)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break

#!/usr/bin/env python3
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
"""notified.py SOCKET: prints what a service tells whoever has started it, as it comes."""
import socket
import sys

sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(sys.argv[1].replace("@", "\0", 1))
while True:
    print(sock.recv(4096).decode().replace("\n", " "), flush=True)

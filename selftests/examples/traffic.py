#!/usr/bin/env python3
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
"""traffic.py serve | connect DIR: what goes through the tracker.

Three connections: UDP, of which one answer comes and then nothing more from the server; TCP over IPv6, that is closed
once the file DIR/over is there; and TCP over IPv4, that is silent from then on. UDP ends with DIR/end.
"""
import os
import selectors
import socket
import sys
import time

V4, V6, PORT = "192.0.2.2", "2001:db8:2::2", 7


def listener(family, address):
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, PORT))
    sock.listen()
    return sock


def serve():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((V4, PORT))
    listeners = listener(socket.AF_INET, V4), listener(socket.AF_INET6, V6)
    selector = selectors.DefaultSelector()
    for sock in (udp, *listeners):
        selector.register(sock, selectors.EVENT_READ)
    known = set()
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            sock = key.fileobj
            if sock is udp:
                data, peer = sock.recvfrom(64)
                if peer not in known:
                    sock.sendto(data, peer)
                known.add(peer)
            elif sock in listeners:
                selector.register(sock.accept()[0], selectors.EVENT_READ)
            else:
                data = sock.recv(64)
                if data:
                    sock.sendall(data)
                else:
                    selector.unregister(sock)
                    sock.close()


def connect(folder):
    def is_there(name):
        return os.path.exists(os.path.join(folder, name))

    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect((V4, PORT))
    udp.send(b"hello")
    udp.recv(64)
    tcp6 = socket.create_connection((V6, PORT))
    tcp4 = socket.create_connection((V4, PORT))
    print("open", flush=True)
    while not is_there("over"):
        for sock in tcp6, tcp4:
            sock.sendall(b"x")
            sock.recv(64)
        udp.send(b"x")
        time.sleep(0.1)
    tcp6.close()
    while not is_there("end"):
        udp.send(b"x")
        time.sleep(0.1)


if sys.argv[1] == "serve":
    serve()
else:
    connect(sys.argv[2])

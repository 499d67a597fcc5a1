# SPDX-License-Identifier: GPL-2.0-or-later
"""The chaos test's server of datagrams: datagrams.py NAME PORT ADDRESS answers each with "NAME " and what came."""
import socket
import sys

name, port, address = sys.argv[1:]
with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.bind((address, int(port)))
    while True:
        data, client = s.recvfrom(64)
        try:
            s.sendto(f"{name} ".encode() + data, client)
        except OSError:  # its interface is down
            pass

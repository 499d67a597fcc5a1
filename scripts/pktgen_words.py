# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of scripts/pktgen: what its words may be, with a sentence for those that may not."""
import argparse
import ipaddress
import os
import re

PORTS = (1024, 65535)  # the source ports that --flows uses
# Ethernet, IP, UDP, and pktgen's own 16 bytes, without which the kernel sends none.
SMALLEST = {4: 60, 6: 78}


def ranged(kind):
    """A parser of LOW or LOW-HIGH."""
    def parse(text):
        low, dash, high = text.partition("-")
        try:
            pair = kind(low), kind(high if dash else low)
        except ValueError:
            raise argparse.ArgumentTypeError(f"found '{text}', needs LOW or LOW-HIGH") from None
        if pair[0] > pair[1]:
            raise argparse.ArgumentTypeError(f"'{text}' ends before it begins")
        return pair
    return parse


def address_range(text):
    try:
        return ranged(ipaddress.ip_address)(text)
    except TypeError:
        raise argparse.ArgumentTypeError(f"'{text}' mixes IPv4 and IPv6") from None


def port_range(text):
    low, high = ranged(int)(text)
    if low < 1 or high > 65535:
        raise argparse.ArgumentTypeError(f"found '{text}', ports are 1 to 65535")
    return low, high


def endpoint(text):
    found = re.fullmatch(r"\[([0-9a-fA-F:.]+)\]:(\d+)|([0-9.]+):(\d+)", text)
    try:
        address, port = ipaddress.ip_address(found[1] or found[3]), int(found[2] or found[4])
        if not 1 <= port <= 65535:
            raise ValueError
    except (TypeError, ValueError):
        raise argparse.ArgumentTypeError(f"found '{text}', needs ADDRESS:PORT, as 192.0.2.10:53 or "
                                         "[2001:db8::10]:53") from None
    if address.is_multicast or address.is_unspecified:
        raise argparse.ArgumentTypeError(f"'{address}' is not the address of one host")
    return address, port


def mac(text):
    if not re.fullmatch(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", text) or int(text[:2], 16) & 1:
        raise argparse.ArgumentTypeError(f"found '{text}', needs a link address of one host, as 52:54:00:12:34:56")
    return text.lower()


def between(low, high):
    def parse(text):
        try:
            if low <= int(text) <= high:
                return int(text)
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(f"found '{text}', needs a whole number from {low} to {high}")
    return parse


def seconds(text):
    try:
        if 0 < float(text) <= 86400:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"found '{text}', needs seconds, up to 86400")


def command_line(description):
    parser = argparse.ArgumentParser(prog="pktgen", usage="scripts/pktgen INTERFACE ADDRESS:PORT [OPTION]...",
                                     description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("interface", metavar="INTERFACE")
    add("to", metavar="ADDRESS:PORT", type=endpoint)
    add("--rate", type=between(1, 10**9), metavar="PPS", help="packets a second of all threads (as many as it can)")
    add("--duration", type=seconds, default=10.0, metavar="S", help="seconds (10)")
    add("--size", type=ranged(int), metavar="N[-M]",
        help="bytes of a frame without its checksum, drawn from N to M (60, IPv6: 78, the smallest)")
    add("--flows", type=between(1, 2**32), metavar="N",
        help="about N flows, drawn at random: by source ports, and by source addresses from --source on (1)")
    add("--source", type=address_range, metavar="A[-B]", help="source address, IPv4: or drawn from A to B (the interface's own)")
    add("--source-ports", type=port_range, metavar="P[-Q]", help="source port, drawn from P to Q (1024)")
    add("--mac", type=mac, metavar="MAC", help="link address to send to (the next hop's)")
    add("--threads", type=between(1, os.cpu_count() or 1), default=1, metavar="N", help="one on each of the first N processors (1)")
    add("--burst", type=between(1, 1024), default=1, metavar="N",
        help="send each packet N times at once: faster, but the driver must allow it (veth does not) (1)")
    add("--socket", metavar="PATH", help="socket of the leatd that gets the packets: read its counters before and after")
    add("--dry-run", action="store_true", help="only print what pktgen would be told")
    add("--json", action="store_true", help="print the result as JSON")
    asked = parser.parse_args()
    check(parser, asked)
    return asked


def check(parser, asked):
    version = asked.to[0].version
    if not re.fullmatch(r"[^/\s@]{1,15}", asked.interface):
        parser.error(f"'{asked.interface}' is not a name of an interface")
    if asked.flows and asked.source_ports:
        parser.error("--flows chooses the source ports itself: give one of --flows and --source-ports")
    if asked.source and asked.source[0].version != version:
        parser.error(f"--source is IPv{asked.source[0].version} and the destination IPv{version}")
    if asked.source and version == 6 and asked.source[0] != asked.source[1]:
        parser.error("--source: pktgen varies no IPv6 source address, only ports")
    if asked.flows and version == 6 and asked.flows > PORTS[1] - PORTS[0] + 1:
        parser.error(f"--flows: at most {PORTS[1] - PORTS[0] + 1} with IPv6: pktgen varies only its source ports")
    asked.size = asked.size or (SMALLEST[version], SMALLEST[version])
    if asked.size[0] < SMALLEST[version]:
        parser.error(f"--size: found {asked.size[0]}, IPv{version} needs at least {SMALLEST[version]}")

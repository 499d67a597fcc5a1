# SPDX-License-Identifier: GPL-2.0-or-later
"""The chaos test's clients: HTTP through the balancer, short connections and held ones. Runs in the client's namespace.

    load.py SILENT PROTOCOL,SOURCE,ADDRESS,PORT,POOL...
                                                    for each service of tcp SHORT workers that open a connection for each request
                                                    and HELD ones that keep theirs; of udp FLOWS that keep a port for a while

Standard input: "pause" stops all requests and answers "paused" when none is under way (held connections stay open),
"go" lets them run again, the end of input ends the load. What was silent for more than SILENT s, in a long pause or on a
machine that stood still, is closed and opened anew: leat promises it nothing. Standard output, a line each:

    count REQUESTS              answered ones of the last second
    failed {...}                one request that failed: JSON, see Failure

Times are seconds of CLOCK_MONOTONIC. A request lives from `began` to `ended`; on a held connection it begins when
the answer before it had come, for what cut it may have happened any time since. Datagrams are sent again until an answer
comes: one of them lost is no failure.
"""
import contextlib
import json
import os
import random
import select
import socket
import sys
import threading
import time

SHORT, HELD, FLOWS = 3, 4, 6
TIMEOUT = 6  # a SYN is sent again after 1, 2, 3 and 4 s
PAUSE_SHORT, PAUSE_HELD = 0.01, 0.05
AGAIN = 0.4  # a datagram is sent anew


class Bad(Exception):
    pass


class Load:
    def __init__(self):
        self.lock = threading.Condition()
        self.going, self.ended = True, False
        self.active = self.count = 0

    def say(self, line):
        with self.lock:
            os.write(1, (line + "\n").encode())

    def begin(self):
        """Waits while paused; False at the end."""
        with self.lock:
            while not self.going and not self.ended:
                self.lock.wait()
            self.active += not self.ended
            return not self.ended

    def end(self):
        with self.lock:
            self.active -= 1
            self.lock.notify_all()

    def pause(self):
        with self.lock:
            self.going = False
            while self.active:
                self.lock.wait()
        self.say("paused")

    def go(self, ended=False):
        with self.lock:
            self.going, self.ended = True, ended
            self.lock.notify_all()

    def counting(self):
        while True:
            time.sleep(1)
            with self.lock:
                n, self.count = self.count, 0
            self.say(f"count {n}")


load = Load()
silent = float(sys.argv[1])


def was_silent(failure):
    return failure.fields["answered"] and time.monotonic() - failure.fields["began"] > silent


def connect(address, port, ret_flow):
    """A connection; ret_flow gets the source port as soon as there is one, also if no connection comes about."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    try:
        s.setblocking(False)
        s.connect_ex((address, port))
        ret_flow["sport"] = s.getsockname()[1]
        if not select.select([], [s], [], TIMEOUT)[1]:
            raise Bad("connecting: timed out")
        error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise Bad(f"connecting: {os.strerror(error)}")
        s.settimeout(TIMEOUT)
        return s
    except BaseException:
        s.close()
        raise


def ask(s, close):
    """Who answered one request."""
    s.sendall(b"GET / HTTP/1.1\r\nHost: vip\r\n" + (b"Connection: close\r\n" if close else b"") + b"\r\n")
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        if end and len(body) >= int(dict(f.lower().split(b": ", 1) for f in head.split(b"\r\n")[1:])[b"content-length"]):
            break
        more = s.recv(4096)
        if not more:
            raise Bad("closed before the answer")
        data += more
    if not head.startswith(b"HTTP/1.1 200 "):
        raise Bad(head.split(b"\r\n")[0].decode())
    return body.decode().strip()


class Failure:
    """What is said of a request that failed."""

    def __init__(self, service, kind):
        protocol, source, address, port, pool = service
        self.fields = {"kind": kind, "protocol": protocol, "source": source, "address": address, "port": port, "pool": pool, "sport": 0,
                       "began": time.monotonic(), "answered": None}

    def say(self, why):
        load.say("failed " + json.dumps(dict(self.fields, ended=time.monotonic(), why=str(why) or type(why).__name__)))


def short(service):
    while load.begin():
        failure = Failure(service, "short")
        try:
            with connect(service[2], service[3], failure.fields) as s:
                ask(s, True)
            load.count += 1
        except (OSError, Bad) as e:
            failure.say(e)
        load.end()
        time.sleep(PAUSE_SHORT)


def held_once(service):
    """One held connection until it fails or all ends."""
    failure = Failure(service, "held")
    s = None
    while load.begin():
        try:
            if was_silent(failure):
                s.close()
                return
            s = s or connect(service[2], service[3], failure.fields)
            who = ask(s, False)
            if failure.fields["answered"] not in (None, who):
                raise Bad(f"moved to {who}")
            failure.fields.update(answered=who, began=time.monotonic())
            load.count += 1
        except (OSError, Bad) as e:
            failure.say(e)
            if s:
                s.close()
            return
        finally:
            load.end()
        time.sleep(PAUSE_HELD)


def held(service):
    while not load.ended:
        held_once(service)
        time.sleep(PAUSE_HELD)


def ask_datagram(s, number):
    """Who answered the datagram of this number."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        s.send(str(number).encode())
        again = time.monotonic() + AGAIN
        while (left := again - time.monotonic()) > 0:
            s.settimeout(left)
            with contextlib.suppress(TimeoutError):
                who, _, to = s.recv(64).decode().partition(" ")
                if to == str(number):
                    return who
    raise Bad("no answer")


def flow_once(service):
    failure = Failure(service, "flow")
    with socket.socket(socket.AF_INET6 if ":" in service[2] else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((service[2], service[3]))
        failure.fields["sport"] = s.getsockname()[1]
        for number in range(random.randint(10, 400)):
            if not load.begin():
                return
            try:
                if was_silent(failure):
                    return
                who = ask_datagram(s, number)
                if failure.fields["answered"] not in (None, who):
                    raise Bad(f"moved to {who}")
                failure.fields.update(answered=who, began=time.monotonic())
                load.count += 1
            except (OSError, Bad) as e:
                failure.say(e)
                return
            finally:
                load.end()
            time.sleep(PAUSE_HELD)


def flow(service):
    while not load.ended:
        flow_once(service)
        time.sleep(PAUSE_HELD)


def main():
    services = [(protocol, source, address, int(port), pool)
                for protocol, source, address, port, pool in (a.split(",") for a in sys.argv[2:])]
    threading.Thread(target=load.counting, daemon=True).start()
    for service in services:
        for worker, many in [(flow, FLOWS)] if service[0] == "udp" else [(short, SHORT), (held, HELD)]:
            for _ in range(many):
                threading.Thread(target=worker, args=(service,), daemon=True).start()
    for line in sys.stdin:
        load.pause() if line.strip() == "pause" else load.go()
    load.go(ended=True)


main()

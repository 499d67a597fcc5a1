# SPDX-License-Identifier: GPL-2.0-or-later
"""The chaos test's events: which there are, how a seed draws them, how each is made to happen.

A schedule is drawn before anything runs: (second, event, arguments). An event needs things (a backend, leatd, the link,
the disk) for some time; two that need the same one do not overlap, all others may. At most two backends are hurt at
a time, and four of the six are never touched by operators: every pool always has one that lives.
"""
import collections
import contextlib
import copy
import json
import os
import random
import signal
import threading
import time

import model
from lab import Gone, wait_until

MEAN_GAP = 0.6  # seconds between events


class Events:
    def __init__(self, lab, config, counters, operators):
        self.lab, self.model, self.counters, self.operators = lab, config, counters, operators
        self.locks = collections.defaultdict(threading.RLock)  # should one take longer than was drawn
        self.leatd = self.locks["leatd"]
        self.pins = sorted(os.listdir(lab.pins))

    # --- backends -----------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def away(self, backend):
        self.lab.away[backend].begin()
        yield
        self.lab.away[backend].end()

    def nginx_killed(self, backend, seconds):
        with self.away(backend):
            self.lab.lab("backend", "kill", backend)
            time.sleep(seconds)
            self.lab.lab("backend", "revive", backend)

    def host_link_down(self, backend, seconds):
        with self.away(backend):
            self.lab.link(backend, "eth0", False)
            time.sleep(seconds)
            self.lab.link(backend, "eth0", True)

    def cable_cut(self, backend, seconds):
        with self.away(backend):
            self.lab.link("switch", f"port-{backend}", False)
            time.sleep(seconds)
            self.lab.link("switch", f"port-{backend}", True)

    def cable_flaps(self, backend, seconds):
        with self.away(backend):
            for _ in range(5):
                self.lab.link("switch", f"port-{backend}", False)
                time.sleep(seconds / 5)
                self.lab.link("switch", f"port-{backend}", True)
                time.sleep(0.05)

    # --- the balancer's own link ----------------------------------------------------------------------------
    def own_link(self, name, device, seconds):
        self.lab.link_down.begin()
        self.lab.link(name, device, False)
        time.sleep(seconds)
        self.lab.link(name, device, True)
        self.lab.link_down.end()

    def own_cable_cut(self, seconds):
        self.own_link("switch", "port-lb", seconds)

    def own_interface_down(self, seconds):
        self.lab.flaps += 1
        self.own_link("lb", "eth0", seconds)

    # --- leatd --------------------------------------------------------------------------------------------
    def back(self, what):
        """After a start: what was acknowledged is there, and counters went on."""
        with contextlib.suppress(Gone), self.model.gate.alone():
            self.model.look(f"after {what}")
            self.counters.compare(what)

    def restart(self, number, what, seconds, between=None):
        with self.leatd:
            self.counters.remember()
            self.lab.stop(number)
            if between:
                between()
            time.sleep(seconds)
            self.lab.start()
            self.back(what)

    def killed(self, seconds):
        self.restart(signal.SIGKILL, "kill -9", seconds)

    def stopped(self, seconds):
        self.restart(signal.SIGTERM, "TERM", seconds)

    def killed_at_start(self, seconds):
        """And started again, killed at any moment of its start, and started again."""
        with self.leatd:
            self.counters.remember()
            self.lab.stop(signal.SIGKILL)
            for i in range(3):
                self.lab.leatd_begin()
                time.sleep(seconds * (i + 1) / 3)
                self.lab.process.kill()
                self.lab.process.wait()
            self.lab.start()
            self.back("kills while it started")

    def killed_disk_full(self, seconds):
        """What is on the disk is what must run: that needs no room."""
        with self.leatd:
            self.lab.fill_disk()
            self.counters.remember()
            self.lab.stop(signal.SIGKILL)
            time.sleep(seconds)
            self.lab.start()
            self.back("kill -9 with a full disk")
            self.lab.free_disk()

    # --- files and whole configurations -----------------------------------------------------------------------
    def varied(self, number):
        new = copy.deepcopy(self.model.config)
        new["icmp-rate"] = 100 + number
        return new

    def settled(self):
        """Nothing is open; false if leatd is not there to say so."""
        try:
            self.model.look("before a change of everything")
        except Gone:
            return False
        return True

    def applied(self, number):
        with self.model.gate.alone():
            if self.settled():
                self.model.put(self.varied(number))

    def write_file(self, text):
        with open(self.lab.file + ".edited", "w") as f:
            f.write(text)
        os.rename(self.lab.file + ".edited", self.lab.file)

    def hup(self):
        """leatd's word on the reload: True, False; None: it said nothing."""
        at = self.lab.log_size()
        self.lab.process.send_signal(signal.SIGHUP)
        said = []

        def answered():
            text = self.lab.log_since(at)
            said[:] = [t for t in ("notice: reloaded", "reload refused") if t in text]
            return said

        return "reloaded" in said[0] if wait_until(answered) else None

    def reloaded(self, number):
        with self.leatd, self.model.gate.alone():
            if not self.settled():
                return
            before, new = open(self.lab.file).read(), self.varied(number)
            disk_was_full = self.lab.disk_full
            self.write_file(json.dumps(new))
            done = self.hup()
            if done:
                self.model.took(lambda c: (c.clear(), c.update(new)))
            else:
                self.write_file(before)
                if not disk_was_full and not self.lab.disk_full:
                    self.model.wrong.append("a good file was not loaded")
            self.model.look("after a reload")

    def reloaded_bad(self, number):
        bad = ["pools: [\n  {", json.dumps(dict(model.base(), pools=[])), '{"colour": "blue"}', ""][number % 4]
        bad += "" if number % 4 != 3 else '{"services": [{"protocol": "tcp"}]}'
        with self.leatd, self.model.gate.alone():
            if not self.settled():
                return
            before = open(self.lab.file).read()
            self.write_file(bad)
            if self.hup() is not False:
                self.model.wrong.append(f"a bad file was not refused: {bad[:80]}")
            self.write_file(before)
            self.model.look("after a bad reload")

    def reloaded_and_killed(self, number, seconds):
        """The file was edited: whether leatd still read it or not, it wins."""
        with self.leatd, self.model.gate.alone():
            if not self.settled() or self.lab.disk_full:
                return
            new = self.varied(number)
            self.counters.remember()
            self.write_file(json.dumps(new))
            self.lab.process.send_signal(signal.SIGHUP)
            time.sleep(seconds)
            self.lab.stop(signal.SIGKILL)
            self.model.took(lambda c: (c.clear(), c.update(new)))
            self.lab.start()
            self.model.look("after a reload and kill -9")
            self.counters.compare("a reload and kill -9")

    def storm(self, requests):
        for operator in self.operators:
            operator.storm = requests

    # --- disk, pins, clock ------------------------------------------------------------------------------------
    def disk_full(self, seconds):
        self.lab.fill_disk()
        time.sleep(seconds)
        self.lab.free_disk()

    def pins_removed(self, *pins):
        self.lab.remove_pins(*pins)

    def pins_removed_and_put_back(self, *pins_and_seconds):
        *pins, seconds = pins_and_seconds
        with self.leatd:
            self.lab.remove_pins(*pins)
            time.sleep(seconds)
            if not self.pins_back():
                raise RuntimeError("removed pins were not put back")

    def pins_back(self):
        return wait_until(lambda: os.path.isdir(self.lab.pins) and sorted(os.listdir(self.lab.pins)) == self.pins)

    def lose_pins(self, pins, seconds):
        """Removed while no leatd runs: nothing but the interface holds the maps then."""
        self.restart(signal.SIGKILL, "kill -9 and lost pins", seconds, lambda: self.lab.remove_pins(*pins))

    def clock_jumped(self, offset):
        self.lab.set_clock(offset)

    def happen(self, name, arguments, needs):
        with contextlib.ExitStack() as held:
            for need in sorted(needs):
                held.enter_context(self.locks[need])
            getattr(self, name)(*arguments)


# --- drawing ------------------------------------------------------------------------------------------------
PINS = ["control", "buckets", "services", "pools", "slots", "backends", "loads", "flows", "verdict_counters",
        "service_counters", "backend_counters", "flow_counters", "devices", "limiters"]


def table(draw):
    """weight, event, arguments, what it needs, for how long"""
    def hurt(name, low, high):
        backend, seconds = f"b{draw.randint(1, 6)}", round(draw.uniform(low, high), 2)
        return name, (backend, seconds), [backend, "hurt"], seconds + 0.5

    def timed(name, needs, low, high, *more):
        seconds = round(draw.uniform(low, high), 2)
        return name, (*more, seconds), needs, seconds + 0.7

    def plain(name, *arguments, needs=()):
        return name, arguments, list(needs), 0.3

    number = draw.randint(1, 999)
    return [
        (6, lambda: hurt("nginx_killed", 0.1, 5)),
        (3, lambda: hurt("host_link_down", 0.1, 4)),
        (3, lambda: hurt("cable_cut", 0.05, 4)),
        (2, lambda: hurt("cable_flaps", 0.1, 1.5)),
        (1, lambda: timed("own_cable_cut", ["link"], 0.05, 1.2)),
        (1, lambda: timed("own_interface_down", ["link"], 0.05, 1.2)),
        (4, lambda: timed("killed", ["leatd"], 0, 2.5)),
        (3, lambda: timed("stopped", ["leatd"], 0, 2)),
        (2, lambda: timed("killed_at_start", ["leatd"], 0.01, 0.3)),
        (1, lambda: timed("killed_disk_full", ["leatd", "disk"], 0, 0.5)),
        (3, lambda: plain("applied", number)),
        (3, lambda: plain("reloaded", number)),
        (2, lambda: plain("reloaded_bad", number)),
        (2, lambda: timed("reloaded_and_killed", ["leatd", "disk"], 0, 0.03, number)),
        (3, lambda: plain("storm", draw.randint(5, 25))),
        (2, lambda: timed("disk_full", ["disk"], 0.3, 3)),
        (2, lambda: timed("pins_removed_and_put_back", ["leatd"], 1.5, 2, *draw.choice([[], [draw.choice(PINS)]]))),
        (1, lambda: plain("pins_removed", draw.choice(PINS))),
        (2, lambda: timed("lose_pins", ["leatd"], 0, 1, draw.choice([[], [], [draw.choice(PINS)], draw.sample(PINS, 4)]))),
        (2, lambda: plain("clock_jumped", draw.choice(["+0", "+1d", "-1d", "+400d", "-1h", "+10"]))),
    ]


def schedule(seed, number, seconds):
    """The events of round `number`."""
    draw = random.Random(f"{seed} round {number}")
    drawn, busy, at = [], {}, 0.3
    while at < seconds:
        rows = table(draw)
        name, arguments, needs, lasts = draw.choices([row for _, row in rows], [weight for weight, _ in rows])[0]()
        if "hurt" in needs:
            needs = [n if n != "hurt" else min(("hurt1", "hurt2"), key=lambda n: busy.get(n, 0)) for n in needs]
        if all(busy.get(n, 0) <= at for n in needs):
            busy.update((n, at + lasts) for n in needs)
            drawn.append((round(at, 2), name, arguments, needs))
        at += draw.expovariate(1 / MEAN_GAP)
    return drawn

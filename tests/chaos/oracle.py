# SPDX-License-Identifier: GPL-2.0-or-later
"""The chaos test's judge.

A request that failed HAD A LIVING BACKEND, and is a fault of leat, unless one of these excuses holds. Its life is from
`began` to `ended` (load.py); its slot's owners over its life are the witness's (slots.c, whose eye is LATE s late at most).

  link    the balancer's own link was down at some moment of its life, or had come back less than LATE s before: packets
          had no way to leat.
  dead    an owner of its slot was away (nginx ended, host or cable down) at some moment of its life, and leat could not
          yet know: it counts from the moment it went until leatd has been able to notice it, which is until leatd ran and
          the balancer's link was up for DETECTION s without a pause. A restart begins anew: with the pinned maps leatd takes
          who owns slots for up. An absence that leat has had that time to notice excuses nothing.
  fresh   leatd had begun with new maps when an owner of its slot was away already, and had not yet seen the first
          outcome of its check: FIRST s, or if it died again or was blind in these, DETECTION s. It may begin so only if
          pins were removed while it was dead, or less than PUT_BACK s before.
  moved   the slot had more than one owner in its life: leat keeps no flows, and a connection that is open while its slot
          moves is cut (README, limits). At most SHARE of all requests may need this.

"Away" ends when the command that brings a backend back has returned; up to GRACE s more for its neighbours to find it.
"""
import collections
import json
import re
import subprocess
import time

import model
from lab import run, wait_until

INTERVAL, TIMEOUT, FALL = 0.5, 0.5, model.CHECK["fall"]
DETECTION = INTERVAL * 1.05 + TIMEOUT * FALL + 0.5  # 5 %: how far intervals vary; 0.5: a machine that does other things, too
FIRST = 0.2 + TIMEOUT + 0.5
LATE, GRACE = 0.1, 0.3
SHARE = 0.02
HEAP_SLACK_KIB = 200  # a tenth of what 200 changes would leave behind if each lost one copy of the configuration (8 KiB)


def overlap(a, b, c, d):
    return a <= d and c <= b


class Requests:
    """Judges failed requests."""

    def __init__(self, lab, witness):
        self.lab, self.witness = lab, witness
        self.answered = 0
        self.excuses = collections.Counter()
        self.faults = []
        self.waiting = collections.deque()
        self.by_name = {f"10.0.0.{i}": f"b{i}" for i in range(1, 7)} | {f"fd00::{i}": f"b{i}" for i in range(1, 7)}

    def add(self, line):
        word, _, rest = line.partition(" ")
        if word == "count":
            self.answered += int(rest)
        elif word == "failed":
            self.waiting.append(json.loads(rest))

    def judge(self, all_of_them=False):
        """Those whose surroundings are known by now."""
        while self.waiting and (all_of_them or self.waiting[0]["ended"] < time.monotonic() - 1):
            failure = self.waiting.popleft()
            excuse = self.excuse(failure)
            if excuse:
                self.excuses[excuse] += 1
            else:
                self.faults.append(failure)

    def owners(self, f):
        def endpoint(address, port):
            return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

        return self.witness.ask(f"flow {f['pool']} {endpoint(f['address'], f['port'])} {endpoint(f['source'], f['sport'])} "
                                f"{f['began'] - LATE:.6f} {f['ended'] + LATE:.6f}")

    def excuse(self, f):
        began, ended = f["began"], f["ended"]
        owners = f["owners"] = self.owners(f)
        if any(overlap(began, ended, a, b + LATE) for a, b in self.lab.link_down.closed()):
            return "link"
        for owner in owners:
            spans = self.lab.away[self.by_name[owner]].closed() if owner in self.by_name else []
            if any(overlap(began, ended, a, min(b + GRACE, self.noticed(a))) for a, b in spans):
                return "dead"
            if any(a < t and overlap(began, ended, t, min(self.looked(t, again), b))
                   for a, b in spans for t, again in self.lab.fresh):
                return "fresh"
        return "moved" if len(owners) > 1 else None

    def looked(self, fresh, again):
        """When leatd must know each backend's health after it began with new maps."""
        first = fresh + (DETECTION if again else FIRST)
        ran = any(up <= fresh + LATE and down > first for up, down in self.lab.up.closed())
        blind = any(overlap(fresh, first, a, b) for a, b in self.lab.link_down.closed())
        return first if ran and not blind else self.noticed(fresh)

    def noticed(self, since):
        """When leatd must know that a backend has been away since then."""
        for up, down in self.lab.up.closed():
            cuts = [(a, b) for a, b in self.lab.link_down.closed() if a < down and b > max(up, since)]
            at = max(up, since)
            for a, b in cuts:
                if at + DETECTION <= a:
                    break
                at = max(at, b)
            if at + DETECTION <= down:
                return at + DETECTION
        return float("inf")

    def failed(self):
        return sum(self.excuses.values()) + len(self.faults)


class Witness:
    """slots.c: who owns what."""

    def __init__(self, lab):
        self.helper = lab.spawn(f"{lab.build}/tests/chaos/slots", lab.pins, *model.SERVED)

    def ask(self, question):
        self.helper.stdin.write(question + "\n")
        return self.helper.stdout.readline().split()


# --- leaks ----------------------------------------------------------------------------------------------------
class Leaks:
    """What leatd and the kernel hold for it."""

    def __init__(self, lab):
        self.lab, self.programs, self.maps = lab, set(), set()

    def descriptors(self):
        """By kind, the fewest of many looks: probes and callers come and go."""
        def look():
            kinds = collections.Counter()
            out = run("find", f"/proc/{self.lab.process.pid}/fd", "-type", "l", "-printf", "%l\\n", check=False)
            for link in out.split("\n"):
                kinds[re.sub(r":?\[.*|^/.*/|\d+$", "", link)] += bool(link)
            return kinds

        looks = [look() for _ in range(30) if not time.sleep(0.03)]
        return min(looks, key=lambda kinds: sum(kinds.values()))

    def heap_kib(self):
        text = open(f"/proc/{self.lab.process.pid}/status").read()
        return int(re.search(r"RssAnon:\s+(\d+)", text).group(1))

    def objects(self):
        """Numbers of BPF programs and maps that leatd holds and that are attached: remembered, to be gone at the end."""
        out = run("grep", "-hE", "^(prog|map)_id:", "-r", f"/proc/{self.lab.process.pid}/fdinfo", check=False)
        programs = {int(n) for n in re.findall(r"prog_id:\s+(\d+)", out)}
        maps = {int(n) for n in re.findall(r"map_id:\s+(\d+)", out)}
        link = json.loads(self.lab.ip("lb", "-j", "link", "show", "eth0"))[0]
        attached = link.get("xdp", {}).get("prog", {}).get("id")
        if attached:
            programs.add(attached)
        for p in self.show("prog"):
            if p["id"] in programs:
                maps.update(p.get("map_ids", []))
        self.programs |= programs
        self.maps |= maps
        return len(programs), len(maps)

    @staticmethod
    def show(what):
        out = subprocess.run(["bpftool", "-j", what, "show"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        answer = json.loads(out.stdout or "[]")
        return answer if isinstance(answer, list) else []

    def alive(self):
        """Of all objects remembered, those that exist."""
        return ([f"program {p['id']}" for p in self.show("prog") if p["id"] in self.programs] +
                [f"map {m['id']}" for m in self.show("map") if m["id"] in self.maps])

    def stale(self, now):
        """Remembered objects that exist although neither leatd nor the interface needs them any more."""
        wanted = sum(now)
        return [] if wait_until(lambda: len(self.alive()) <= wanted, 10, 0.2) else self.alive()


# --- counters ---------------------------------------------------------------------------------------------------
class Counters:
    def __init__(self, lab):
        self.lab, self.fell, self.base = lab, [], None
        self.last, self.at = {}, 0
        self.begun = 0  # times that they began anew because pins were lost

    def read(self):
        return {v["name"]: v["packets"] for v in self.lab.get("/v1/stats")["verdicts"]}

    def remember(self):
        self.last, self.at = self.read(), time.monotonic()

    def compare(self, when):
        """They may have grown since remember(), and nothing else."""
        now = self.read()
        fresh = [t for t, _ in self.lab.fresh if t > self.at]
        if fresh and self.lab.may_be_fresh(fresh[0]):
            self.begun, self.base = self.begun + 1, None
            return
        self.fell += [f"{when}: {k} {v} -> {now.get(k)}" for k, v in self.last.items() if now.get(k, 0) < v]

    def quiet(self):
        """Packets counted by the interface and by leat, of a moment in which nothing arrived; None: there was none."""
        def interface():
            return json.loads(self.lab.ip("lb", "-j", "-s", "link", "show", "eth0"))[0]["stats64"]["rx"]["packets"]

        for _ in range(200):
            before, leat, after = interface(), sum(self.read().values()), interface()
            if before == after:
                return before, leat
        return None

# SPDX-License-Identifier: GPL-2.0-or-later
"""The chaos test's judge.

A request that failed HAD A LIVING BACKEND, and is a fault of leat, unless one of these excuses holds. Its life is from
`began` to `ended` (load.py); its backends are those that packets of its flow were sent to in its life, which the
witness saw (sent.c), and the one that answered on its connection.

  link    the balancer's own link was down at some moment of its life, or had come back less than LATE s before: packets
          had no way to leat.
  dead    one of its backends was away (nginx ended, host or cable down) at some moment of its life, and leat could not
          yet know: it counts from the moment it went until leatd has been able to notice it, which is until leatd ran and
          the balancer's link was up for DETECTION s without a pause. A restart begins anew: with the maps leatd takes
          who owns slots for up. An absence that leat has had that time to notice excuses nothing.
  ended   in its life an operator ended one of its backends: disabled or deleted it (from asking for that until LATE s
          after the answer), or gave it a deadline to drain that was over (from then until leatd ran for OVERDUE s more).

"Away" ends when the command that brings a backend back has returned; up to GRACE s more for its neighbours to find it, and,
if it was away for longer than a probe's TIMEOUT, so much more: a probe that began before may be the one that finds it down.

Beyond failures: a TCP packet that opens nothing and goes to another backend than the packet before it did is judged as a
request that failed, whose life is from the one packet to the other, even if nobody noticed. Unless the flow was silent for
longer than SILENT s: that is not promised (docs/flows.md).
"""
import collections
import json
import re
import subprocess
import time

import model
from lab import run, time_text, wait_until

INTERVAL, TIMEOUT, FALL = 0.5, 0.5, model.CHECK["fall"]
DETECTION = INTERVAL * 1.05 + TIMEOUT * FALL + 0.5  # 5 %: how far intervals vary; 0.5: a machine that does other things, too
LATE, GRACE = 0.1, 0.3
OVERDUE = 1.5  # leatd looks every second
SILENT = model.IDLE - 0.5
UNSEEN = 64  # packets for each time the balancer's interface was down: see Counters.missed()
HEAP_SLACK_KIB = 200  # a tenth of what 200 changes would leave behind if each lost one copy of the configuration (8 KiB)


def overlap(a, b, c, d):
    return a <= d and c <= b


class Requests:
    """Judges failed requests, and packets that went elsewhere."""

    def __init__(self, lab, config, witness):
        self.lab, self.model, self.witness = lab, config, witness
        self.answered = self.silent = 0
        self.excuses = collections.Counter()
        self.faults = []
        self.waiting = collections.deque()
        self.pools = {vip: pool for protocol, _, vip, _, pool in model.SERVICES if protocol == "tcp"}

    def add(self, line):
        word, _, rest = line.partition(" ")
        if word == "count":
            self.answered += int(rest)
        elif word == "failed":
            self.waiting.append(json.loads(rest))

    def moves(self):
        """Packets that went elsewhere, as requests that failed."""
        for text in self.witness.ask("moves"):
            vip, sport, before, last, after, at = text.split("/")
            if float(at) - float(last) > SILENT:
                self.silent += 1
                continue
            yield {"kind": "packet", "protocol": "tcp", "address": vip, "sport": int(sport), "pool": self.pools[vip],
                   "backends": [int(before)], "began": float(last), "ended": float(at), "why": f"went to {after}"}

    def judge(self, all_of_them=False):
        """Those whose surroundings are known by now."""
        self.waiting.extend(self.moves())
        later = []
        while self.waiting:
            failure = self.waiting.popleft()
            if not all_of_them and failure["ended"] > time.monotonic() - 1:
                later.append(failure)
                continue
            excuse = self.excuse(failure)
            if excuse:
                self.excuses[excuse] += 1
            else:
                self.faults.append(failure)
        self.waiting.extend(later)

    def backends(self, f):
        seen = self.witness.ask(f"flow {17 if f['protocol'] == 'udp' else 6} {f['address']} {f['sport']} "
                                f"{f['began'] - LATE:.6f} {f['ended'] + LATE:.6f}")
        return [int(number) for number in seen] + ([model.number_of(f["answered"])] if f["answered"] else [])

    def excuse(self, f):
        began, ended = f["began"], f["ended"]
        f["backends"] = f.get("backends") or self.backends(f)
        if any(overlap(began, ended, a, b + LATE) for a, b in self.lab.link_down.closed()):
            return "link"
        for number in f["backends"]:
            spans = self.lab.away[f"b{number}"].closed() if f"b{number}" in self.lab.away else []
            if any(overlap(began, ended, a, min(b + GRACE + TIMEOUT * (b - a > TIMEOUT), self.noticed(a))) for a, b in spans):
                return "dead"
        for number in f["backends"]:
            if any(overlap(began, ended, a, b) for a, b in self.ends(f["pool"], number)):
                return "ended"
        return None

    def ends(self, pool, number):
        """Spans in which a backend came to be ended by an operator."""
        wishes = [wish for wish in self.model.wishes[pool, number] if not wish.is_void]
        for wish, later in zip(wishes, [*wishes[1:], model.Wish(None)]):
            since, until = wish.since, wish.until
            if wish.deadline:
                since, until = since + wish.deadline, later.until
            until = until + LATE if until else float("inf")
            if wish.deadline:
                until = min(until, self.ran(wish.since, wish.deadline + OVERDUE) or until)
            if wish.deadline is not None and since <= until:
                yield since, until

    def noticed(self, since):
        """When leatd must know that a backend has been away since then."""
        return self.ran(since, DETECTION, [(a, b) for a, b in self.lab.link_down.closed()]) or float("inf")

    def ran(self, since, seconds, pauses=()):
        """When leatd has run for so long after `since` without a pause; None: not yet."""
        for up, down in self.lab.up.closed():
            at = max(up, since)
            for a, b in pauses:
                if a < down and b > at:
                    if at + seconds <= a:
                        break
                    at = max(at, b)
            if at + seconds <= down:
                return at + seconds
        return None

    def examples(self):
        """A few faults of each sort, in the order of time."""
        sorts = collections.Counter()
        for f in sorted(self.faults, key=lambda f: f["ended"]):
            sort = f["kind"], re.sub(r"\d+", "", f["why"])
            sorts[sort] += 1
            if sorts[sort] <= 4:
                yield f"{time_text(f['ended'])} {json.dumps(f)}"

    def failed(self):
        return sum(self.excuses.values()) + len(self.faults)


class Witness:
    """sent.c: where packets go."""

    def __init__(self, lab):
        links = [json.loads(lab.ip(backend, "-j", "link", "show", "eth0"))[0]["address"] for backend in lab.away]
        self.helper = lab.spawn("nice", "-n", "-5", *lab.within("switch"), f"{lab.build}/tests/chaos/sent", "port-lb", *links)

    def ask(self, question):
        self.helper.stdin.write(question + "\n")
        return self.helper.stdout.readline().split()


class Maps:
    """maps.c: what leat remembers of flows."""

    def __init__(self, lab):
        self.lab = lab
        self.shares = []  # of tracked slots, now and then

    def look(self):
        """With all pins there: leatd puts back those that were removed."""
        def answered():
            done = subprocess.run([f"{self.lab.build}/tests/chaos/maps", self.lab.pins, *model.SERVED],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if not done.returncode:
                found.update(json.loads(done.stdout))
            return found

        found = {}
        if not wait_until(answered):
            raise RuntimeError("the pinned maps cannot be read")
        return found

    def sample(self):
        pools = self.look()["pools"].values()
        self.shares.append(sum(p["tracked"] for p in pools) / max(1, sum(p["slots"] for p in pools)))

    def uncounted(self):
        """Backends whose connections are not their pins. Of several looks, for leatd may be just taking some out."""
        for _ in range(20):
            found = self.look()["uncounted"]
            if not found:
                break
            time.sleep(0.1)
        return found

    def share(self):
        return sum(self.shares) / max(1, len(self.shares))


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
        self.lab, self.fell, self.base, self.flaps = lab, [], None, 0
        self.last = {}

    def read(self):
        return {v["name"]: v["packets"] for v in self.lab.get("/v1/stats")["verdicts"]}

    def flow_events(self):
        return {e["name"]: e["count"] for e in self.lab.get("/v1/stats")["flow-events"]}

    def remember(self):
        self.last = self.read()

    def compare(self, when):
        """They may have grown since remember(), and nothing else."""
        now = self.read()
        self.fell += [f"{when}: {k} {v} -> {now.get(k)}" for k, v in self.last.items() if now.get(k, 0) < v]

    def missed(self, now):
        """Packets since the last time that the interface counted and leat did not, as (arrived, counted); None: none.
        veth, when it goes up or down, receives for some microseconds without its program (drivers/net/veth.c, veth_open()
        and veth_close(): NAPI is enabled before xdp_prog is set, and ends after it): a packet in twenty times; one turn of
        NAPI is what it can be at most."""
        base, flaps = self.base or now, self.lab.flaps - self.flaps
        self.base, self.flaps = now, self.lab.flaps
        arrived, counted = now[0] - base[0], now[1] - base[1]
        return None if 0 <= arrived - counted <= flaps * UNSEEN else (arrived, counted)

    def quiet(self):
        """Packets counted by the interface and by leat, of a moment in which nothing arrived; None: there was none."""
        def interface():
            return json.loads(self.lab.ip("lb", "-j", "-s", "link", "show", "eth0"))[0]["stats64"]["rx"]["packets"]

        for _ in range(200):
            before, leat, after = interface(), sum(self.read().values()), interface()
            if before == after:
                return before, leat
        return None

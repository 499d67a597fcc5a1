# SPDX-License-Identifier: GPL-2.0-or-later
"""The chaos test's operators: several at once change and ask by the API and by the leat command, each its own objects:

    one backend in pools that the load uses (10.0.0.4, 10.0.0.5 and fd00::5): added, weighted, drained, disabled, removed
    a pool of its own with backends and services that nobody addresses, and requests that must be refused

One more, slower, has the settings of the pools that the load uses: scheduler, affinity, table size, slow start.
"""
import contextlib
import json
import random
import subprocess
import threading
import time

from lab import Gone, TOP
from model import SERVED, find, merge

MINE = [[("web", "10.0.0.4"), ("flat", "10.0.0.4")], [("web", "10.0.0.5"), ("six", "fd00::5")], [], []]
SCHEDULERS = ["mh", "sh", "rr", "wrr", "lc", "wlc", "random", "p2c"]  # lrt needs a check
TUNED = ["mh"] * 4 + [*SCHEDULERS[1:], "lrt"]
EXPLAIN = "/v1/explain?protocol=tcp&source=198.51.100.9:{}&destination=192.0.2.10:80"
READS = ["/v1", "/v1/status", "/v1/services", "/v1/pools", "/v1/backends", "/v1/stats", "/v1/interfaces", "/v1/config"]


class Operator(threading.Thread):
    def __init__(self, number, seed, model):
        super().__init__(daemon=True)
        self.number, self.model, self.lab = number, model, model.lab
        self.draw = random.Random(f"{seed} operator {number}")
        self.name = f"own{number}"
        self.ended, self.storm = threading.Event(), 0
        self.asked = 0
        self.error = None

    def run(self):
        try:
            while not self.ended.is_set():
                with self.model.gate.shared():
                    self.turn()
                self.settle()
                self.storm = max(0, self.storm - 1)
                self.ended.wait(0 if self.storm else self.pause())
        except Exception as e:  # told by the oracle
            self.error = f"operator {self.number}: {type(e).__name__}: {e}"
            raise

    def turn(self):
        self.draw.choices([self.served, self.own, self.wrong, self.ask, self.command],
                          [2 if MINE[self.number] else 0, 8, 2, 3, 1])[0]()

    def pause(self):
        return self.draw.uniform(0.1, 0.9)

    def settle(self):
        """What had no answer is known again before this operator goes on."""
        while self.model.open and not self.ended.is_set():
            with contextlib.suppress(Gone), self.model.gate.alone():
                self.model.look("after a request without an answer")
            self.ended.wait(0.05)

    # --- one backend: there or not ------------------------------------------------------------------------
    def backend(self, pool, address):
        at = f"/v1/pools/{pool}/backends/{address}"
        with self.model.lock:
            p = self.model.pool(pool)
            there = p and find(p.get("backends") or [], address=address)

        def backends(config):
            return find(config["pools"], name=pool).setdefault("backends", [])

        def add(weight):
            new = {"address": address, "weight": weight}
            return "POST", at, {"weight": weight}, 201 if p else 404, lambda c: backends(c).append(dict(new))

        def patch(keys):
            return "PATCH", at, keys, 200, lambda c: merge(find(backends(c), address=address), keys)

        def wish(deadline):
            return self.model.wish(pool, address, deadline)

        if not there:
            return self.model.change(*add(self.draw.randint(1, 3)), wish(None))
        if self.draw.random() < 0.25:
            return self.model.change("DELETE", at, None, 200,
                                     lambda c: backends(c).remove(find(backends(c), address=address)), wish(0))
        choices = [({"weight": self.draw.randint(0, 4)}, None), ({"state": "disabled"}, 0), ({"state": "enabled"}, None),
                   ({"state": "draining", "drain-deadline": ""}, None), ({"state": "enabled", "weight": 1}, None)]
        if there.get("state") != "draining":  # who drains already does not begin again
            choices.append(({"state": "draining", "drain-deadline": f"{(seconds := self.draw.randint(1, 4))}s"}, seconds))
        keys, deadline = self.draw.choice(choices)
        return self.model.change(*patch(keys), wish(deadline) if "state" in keys else None)

    def served(self):
        self.backend(*self.draw.choice(MINE[self.number]))

    # --- a pool of its own ----------------------------------------------------------------------------------
    def service(self):
        protocol, port = self.draw.choice(["tcp", "udp"]), 8000 + 10 * self.number + self.draw.randint(0, 4)
        at = f"/v1/services/{protocol}/192.0.2.10:{port}"
        key = {"protocol": protocol, "address": "192.0.2.10", "port": port}
        with self.model.lock:
            there = any(str(s["port"]) == str(port) and s["protocol"] == protocol for s in self.model.config["services"])

        def remove(c):
            c["services"][:] = [s for s in c["services"] if (s["protocol"], str(s["port"])) != (protocol, str(port))]

        if there:
            self.model.change("DELETE", at, None, 200, remove)
        else:
            body = dict({"pool": self.name}, **({"sticky": "2s"} if protocol == "udp" and self.draw.random() < 0.5 else {}))
            self.model.change("POST", at, body, 201, lambda c: c["services"].append(dict(key, **body)))

    def settings(self):
        keys = self.draw.choice([{"mode": "l2"}, {"mode": "ipip"}, {"table-size": self.draw.choice([251, 509, 1021])},
                                 {"on-all-down": "refuse"}, {"check": {"type": "tcp", "port": 80, "interval": "1s"}},
                                 {"check": {"type": "none"}}, {"scheduler": self.draw.choice(SCHEDULERS)},
                                 {"affinity": self.draw.choice(["", "2s"])}, {"slow-start": self.draw.choice(["", "1s"])}])

        def change(c):
            p = find(c["pools"], name=self.name)
            merge(p, {k: dict(p.get(k) or {}, **v) if isinstance(v, dict) else v for k, v in keys.items()})

        self.model.change("PATCH", f"/v1/pools/{self.name}", keys, 200, change)

    def own(self):
        at = f"/v1/pools/{self.name}"
        with self.model.lock:
            there = self.model.pool(self.name)
            used = any(s["pool"] == self.name for s in self.model.config["services"])
        if not there:
            new = {"name": self.name, "mode": "ipip", "table-size": 251}
            self.model.change("POST", at, {"mode": "ipip", "table-size": 251}, 201, lambda c: c["pools"].append(dict(new)))
        elif self.draw.random() < 0.1:
            self.model.change("DELETE", at, None, 409 if used else 200,
                              lambda c: c["pools"].remove(find(c["pools"], name=self.name)))
        else:
            self.draw.choice([self.service, self.settings,
                              lambda: self.backend(self.name, f"10.0.0.{self.draw.randint(1, 6)}")])()

    # --- what must be refused -------------------------------------------------------------------------------
    def wrong(self):
        self.model.change(*self.draw.choice([
            ("POST", "/v1/pools/web", {}, 409),
            ("DELETE", "/v1/pools/web", None, 409),
            ("PATCH", "/v1/pools/nowhere", {"mode": "l2"}, 404),
            ("POST", "/v1/pools/web/backends/10.0.0.300", {}, 400),
            ("POST", "/v1/pools/web/backends/192.0.2.10", {}, 400),
            ("PATCH", "/v1/pools/web", {"colour": "blue"}, 400),
            ("PATCH", "/v1/pools/web", {"table-size": 1000}, 400),
            ("POST", "/v1/services/tcp/192.0.2.10:80", {"pool": "flat"}, 409),
            ("POST", "/v1/services/tcp/192.0.2.99:80", {"pool": "nowhere"}, 400),
            ("PUT", "/v1/config", "pools: [\n  {", 400),
            ("PUT", "/v1/config", {"pools": [{"name": "web"}], "backends": []}, 400),
        ]), lambda c: None)

    # --- questions ------------------------------------------------------------------------------------------
    def ask(self):
        self.asked += 1
        try:
            if self.draw.random() < 0.6:
                status, text = self.lab.call("GET", self.draw.choice(READS))
                right = status == 200
            else:
                status, text = self.lab.call("GET", EXPLAIN.format(self.draw.randint(1024, 65535)))
                right = status == 200 and json.loads(text)["agree"]
        except Gone:
            return
        if not right:
            self.model.wrong.append(f"a question: {status} {text[:400]}")

    def command(self):
        """By the leat command, whose exit status is the acknowledgement."""
        change = None
        words = self.draw.choice([["status"], ["stats"], ["backend", "list"], ["export"], ["service", "list"]])
        with self.model.lock:
            pool = self.model.pool(self.name)
            backends = (pool or {}).get("backends") or []
        if backends and self.draw.random() < 0.6:
            address = self.draw.choice(backends)["address"]
            verb, keys = self.draw.choice([("drain", {"state": "draining"}),
                                           ("enable", {"state": "enabled", "drain-deadline": ""}),
                                           ("disable", {"state": "disabled", "drain-deadline": ""})])
            words = ["backend", verb, self.name, address]

            def change(c):
                merge(find(find(c["pools"], name=self.name)["backends"], address=address), keys)
        done = subprocess.run([f"{TOP}/{self.lab.build}/leat", "--socket", self.lab.socket, *words],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            if change:
                self.model.took(change)
        elif change:
            with self.model.lock:  # refused, or no answer: the next look tells which
                self.model.open.append(change)
                self.model.unanswered += 1


class Tuner(Operator):
    """Settings of the pools that the load uses."""

    def turn(self):
        self.storm = 0  # that would leave slots no time to settle
        self.tune(self.draw.choice(list(SERVED)), self.draw.choice(
            [{"scheduler": self.draw.choice(TUNED)}, {"scheduler": "mh"}, {"table-size": self.draw.choice([509, 1021, 2039])},
             {"slow-start": self.draw.choice(["", "1s", "3s"])}, {"affinity": self.draw.choice(["", "", "2s"])}]))

    def pause(self):
        return self.draw.uniform(0.3, 3)

    def tune(self, pool, keys):
        self.model.change("PATCH", f"/v1/pools/{pool}", keys, 200, lambda c: merge(find(c["pools"], name=pool), keys))


def operators(seed, model):
    return [*(Operator(i, seed, model) for i in range(len(MINE))), Tuner(len(MINE), seed, model)]

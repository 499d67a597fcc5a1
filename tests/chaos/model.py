# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration as the test knows it: what leatd acknowledged, and nothing else.

Every change passes through here with what it is to make of the model. Acknowledged (2xx): the model follows. Refused:
it stays. No answer (leatd died): open, and settled by the next look at `leat export`, which must show the model with
some of the open changes and nothing else. Changes to one object are made by one client, so that what it is is known;
changes to everything (apply, reload, a look) exclude the others.
"""
import collections
import contextlib
import copy
import itertools
import re
import threading
import time

from lab import Gone

CHECK = {"type": "http", "port": 80, "path": "/health", "interval": "500ms", "fast-interval": "100ms", "timeout": "500ms",
         "rise": 2, "fall": 3}
V4 = [f"10.0.0.{i}" for i in range(1, 7)]
V6 = [f"fd00::{i}" for i in range(1, 7)]
SERVED = {"web": V4, "flat": V4[:5], "six": V6}  # the load's pools and whom they begin with
V4_CLIENT, V6_CLIENT = "198.51.100.2", "2001:db8:64::2"
SERVICES = [("tcp", V4_CLIENT, "192.0.2.10", 80, "web"), ("tcp", V4_CLIENT, "192.0.2.11", 80, "flat"),
            ("tcp", V6_CLIENT, "2001:db8:0:1::10", 80, "web"), ("tcp", V6_CLIENT, "2001:db8:0:1::11", 80, "six"),
            ("udp", V4_CLIENT, "192.0.2.10", 5300, "web")]
# Seconds. No client of the test is silent for so long, and slots settle within a round.
IDLE = 3
FLOWS = {"size": 32768, "idle-timeout": f"{IDLE}s", "opening-timeout": "8s", "closing-timeout": "3s"}


def base():
    def pool(name, mode):
        # Small tables: slots have several flows each, and a leak of anything by the slot shows.
        return {"name": name, "mode": mode, "table-size": 1021, "check": dict(CHECK),
                "backends": [{"address": a} for a in SERVED[name]]}

    return {"seed": "5eed0f1ea7000001", "icmp-rate": 100, "flows": dict(FLOWS), "interfaces": [{"name": "eth0"}],
            "pools": [pool("web", "ipip"), pool("flat", "l2"), pool("six", "l2")],
            "services": [dict({"protocol": protocol, "address": vip, "port": port, "pool": p},
                              **({"sticky": f"{IDLE}s"} if protocol == "udp" else {}))
                         for protocol, _, vip, port, p in SERVICES]}


# --- reading what leat exports ------------------------------------------------------------------------------
def read_yaml(text):
    """The YAML that leat writes (block style, a key a line); texts stay texts."""
    lines = [[len(line) - len(line.lstrip()), line.strip()] for line in text.splitlines()
             if line.strip() and not line.startswith("#")]
    return read_block(lines, 0)[0] if lines else {}


def read_block(lines, at):
    indent = lines[at][0]
    items, fields = [], {}
    while at < len(lines) and lines[at][0] == indent:
        text = lines[at][1]
        if text.startswith("- "):
            lines[at] = [indent + 2, text[2:]]
            item, at = read_block(lines, at)
            items.append(item)
            continue
        key, _, value = text.partition(":")
        value, at = value.strip(), at + 1
        if value:
            fields[key] = {} if value == "{}" else value.strip('"')
        elif at < len(lines) and lines[at][0] > indent:
            fields[key], at = read_block(lines, at)
    return (items or fields), at


def canonical(config):
    """Lists by their names, numbers as texts, what is empty left out: two that mean the same are equal."""
    def by(items, *keys):
        return {"/".join(str(i[k]) for k in keys): {k: str(v) for k, v in i.items() if not isinstance(v, (list, dict))}
                for i in items or []}

    pools = by(config.get("pools"), "name")
    for p in config.get("pools") or []:
        pools[p["name"]].update(check={k: str(v) for k, v in (p.get("check") or {}).items()},
                                backends=by(p.get("backends"), "address"))
    rest = {k: str(v) for k, v in config.items() if not isinstance(v, (list, dict))}
    flows = {k: str(v) for k, v in (config.get("flows") or {}).items()}
    return dict(rest, flows=flows, pools=pools, services=by(config.get("services"), "protocol", "address", "port"),
                interfaces=by(config.get("interfaces"), "name"))


def differences(a, b, path=""):
    """Where two canonical configurations differ: a list of texts."""
    if a == b:
        return []
    if not isinstance(a, dict) or not isinstance(b, dict):
        return [f"{path}: {a!r} in the model, {b!r} in leat"]
    return [d for k in sorted({*a, *b}) for d in differences(a.get(k), b.get(k), f"{path}/{k}")]


def number_of(address):
    """Of a backend: 3 of 10.0.0.3, of fd00::3 and of b3."""
    return int(re.search(r"\d+$", address).group())


def find(items, **wanted):
    return next((i for i in items if all(i.get(k) == v for k, v in wanted.items())), None)


# --- locks --------------------------------------------------------------------------------------------------
class Gate:
    """Many at once may edit; who changes or looks at everything is alone."""

    def __init__(self):
        self.lock, self.inside, self.waiting = threading.Condition(), 0, 0

    @contextlib.contextmanager
    def shared(self):
        with self.lock:
            while self.waiting:
                self.lock.wait()
            self.inside += 1
        try:
            yield
        finally:
            with self.lock:
                self.inside -= 1
                self.lock.notify_all()

    @contextlib.contextmanager
    def alone(self):
        with self.lock:
            self.waiting += 1
            while self.inside:
                self.lock.wait()
            self.inside = 1
        try:
            yield
        finally:
            with self.lock:
                self.inside, self.waiting = 0, self.waiting - 1
                self.lock.notify_all()


class Wish:
    """What an operator asks for about a backend's state: at `since`, and it is so by `until` (None: not known yet). `deadline`:
    seconds after which it is no living backend any more, 0: at once, None: it stays one."""

    def __init__(self, deadline):
        self.since, self.until, self.deadline = time.monotonic(), None, deadline
        self.is_void = False  # not asked for, or refused


def merge(item, keys):
    """As a PATCH does: an empty text unsets."""
    item.update(keys)
    for key in [k for k, v in keys.items() if v == ""]:
        del item[key]


# --- the model ----------------------------------------------------------------------------------------------
class Model:
    def __init__(self, lab):
        self.lab, self.gate, self.lock = lab, Gate(), threading.Lock()
        self.config = base()
        self.open = []  # changes without an answer
        self.acknowledged = self.refused = self.unanswered = self.looks = 0
        self.lost, self.wrong = [], []
        self.wishes = collections.defaultdict(list)  # by pool and number of the backend, in order
        self.history = []  # (time, text)

    def took(self, change):
        with self.lock:
            change(self.config)
            self.acknowledged += 1

    def change(self, method, path, body, wanted, change, wish=None):
        """One call, inside the gate. `wanted` is the status it should have while the disk is not full; `change` is
        applied to the model if it is 2xx. True if it was answered."""
        disk_was_full = self.lab.disk_full
        wish = wish or Wish(None)
        self.history.append((time.monotonic(), f"{method} {path} {str(body)[:100]}"))
        try:
            status, text = self.lab.call(method, path, body)
            self.history.append((time.monotonic(), f"{status} for {method} {path}"))
        except Gone as e:
            wish.is_void = not e.sent
            if e.sent and wanted < 300:
                with self.lock:
                    self.open.append(change)
                    self.unanswered += 1
            return False
        wish.until, wish.is_void = time.monotonic(), status >= 300
        if status < 300:
            self.took(change)
        else:
            with self.lock:
                self.refused += 1
        if status != wanted and not (status == 500 and wanted < 300 and (disk_was_full or self.lab.disk_full)):
            self.wrong.append(f"{method} {path} {body!r}: status {status}, {wanted} is right: {text.strip()[:200]}")
        return True

    def put(self, new):
        """Everything replaced, inside the gate alone."""
        return self.change("PUT", "/v1/config", new, 200, lambda config: (config.clear(), config.update(copy.deepcopy(new))))

    def look(self, when):
        """Compares with what leat exports, inside the gate alone."""
        status, text = self.lab.call("GET", "/v1/config")
        found = canonical(read_yaml(text)) if status == 200 else {"status": status}
        self.looks += 1
        for wish in [w for wishes in self.wishes.values() for w in wishes if not w.until]:
            wish.until = time.monotonic()
        for count in range(len(self.open) + 1):
            for some in itertools.combinations(self.open, count):
                config = copy.deepcopy(self.config)
                for change in some:
                    change(config)
                if canonical(config) == found:
                    self.config, self.open = config, []
                    return
        self.lost.append(f"{time.strftime('%T')} {when}: {'; '.join(differences(canonical(self.config), found)[:5])}")
        self.open = []
        if status == 200:
            self.config = read_yaml(text)  # so that one loss is told once

    def wish(self, pool, address, deadline):
        """To be passed to change()."""
        wish = Wish(deadline)
        self.wishes[pool, number_of(address)].append(wish)
        return wish

    def pool(self, name):
        return find(self.config["pools"], name=name)

    def members(self, name):
        """Addresses that may own slots of a pool."""
        return {b["address"] for b in self.pool(name).get("backends") or []
                if b.get("state", "enabled") == "enabled" and int(b.get("weight", 1))}

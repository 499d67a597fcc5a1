# SPDX-License-Identifier: GPL-2.0-or-later
"""The chaos test's laboratory: scripts/lab, a leatd in it, its state on a small disk of its own, a clock that can be set.

Nothing here judges. What must be known about time is kept as spans: when leatd ran, when a backend was away, when
the balancer's link was down.
"""
import contextlib
import glob
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BACKENDS = 6
DISK_KIB = 256
PATIENCE = 30  # seconds for what takes less than one on a machine that has nothing else to do


class Gone(Exception):
    """No answer: whether the request was carried out is not known; `sent` tells whether it can have been."""

    def __init__(self, why, sent):
        super().__init__(why)
        self.sent = sent


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("leat", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Spans:
    """Times during which something held: [from, to]; to is None while it still does."""

    def __init__(self):
        self.all = []

    def begin(self):
        self.all.append([time.monotonic(), None])

    def end(self):
        if self.all and self.all[-1][1] is None:
            self.all[-1][1] = time.monotonic()

    def closed(self):
        return [(a, b if b is not None else float("inf")) for a, b in self.all]


def wait_until(test, seconds=PATIENCE, every=0.02):
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def run(*command, check=True):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()[-300:]}")
    return done.stdout


class Lab:
    def __init__(self, plants=()):
        self.prefix = f"leat-c{os.getpid()}"
        self.run = f"/run/{self.prefix}"
        self.pins = f"/sys/fs/bpf/{self.prefix}"
        self.state = f"{self.run}/state"
        self.file, self.socket, self.log = f"{self.run}/leat.yaml", f"{self.run}/leatd.sock", f"{self.run}/leatd.log"
        self.build = os.environ.get("B", "build")
        self.plants = plants
        self.process, self.pids, self.helpers = None, [], []
        self.up, self.link_down = Spans(), Spans()
        self.flaps = 0  # how often the balancer's interface itself was down
        self.made_new = []  # when leatd began with new maps
        self.log_from = 0
        self.away = {f"b{i}": Spans() for i in range(1, BACKENDS + 1)}
        self.disk_full = False
        self.starting = threading.Lock()

    # --- namespaces ---------------------------------------------------------------------------------------
    def lab(self, *words):
        return run("scripts/lab", words[0], "--name", self.prefix, *words[1:])

    def within(self, name):
        return ["nsenter", f"--net=/run/netns/{self.prefix}-{name}", "--"]

    def at(self, name, *command, check=True):
        return run(*self.within(name), *command, check=check)

    def ip(self, name, *words, check=True):
        return run("ip", "-n", f"{self.prefix}-{name}", *words, check=check)

    def open(self):
        os.chdir(TOP)
        self.lab("up", "--mode", "ipip", "--backends", str(BACKENDS))
        for name in ["lb", *self.away]:
            # An interface that was down and is up again has its addresses, as a host's network manager sees to.
            self.at(name, "sysctl", "-qw", "net.ipv6.conf.all.keep_addr_on_down=1", "net.ipv6.conf.eth0.keep_addr_on_down=1")
        for backend in self.away:
            self.spawn(*self.within(backend), "python3", "tests/chaos/datagrams.py", backend, "5300", "192.0.2.10")
        os.mkdir(self.state)
        run("mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k,mode=0700", self.prefix, self.state)
        self.set_clock("+0")

    def link(self, name, device, up):
        self.ip(name, "link", "set", device, "up" if up else "down")
        if up and device == "eth0":
            ways = [] if name == "lb" else ["advmss", "1400"]
            for gateway in "10.0.0.254", "fd00::254":
                self.ip(name, "route", "replace", "default", "via", gateway, *ways)

    # --- helpers that run in the lab ------------------------------------------------------------------------
    def spawn(self, *command):
        helper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.helpers.append(helper)
        return helper

    # --- leatd --------------------------------------------------------------------------------------------
    def set_clock(self, offset):
        """What leatd's wall clock shows beside the machine's: libfaketime reads the file at each look at the clock."""
        new = f"{self.run}/clock.{threading.get_ident()}"  # two events may jump at once
        with open(new, "w") as f:
            f.write(offset + "\n")
        os.rename(new, f"{self.run}/clock")

    def environment(self):
        faketime = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not faketime:
            raise RuntimeError("libfaketime is missing: scripts/bootstrap installs it")
        preload = faketime[:1]
        if {"unsaved", "descriptors", "memory"} & set(self.plants):
            preload.append(f"{TOP}/{self.build}/tests/chaos/plant.so")
        return dict(os.environ, LD_PRELOAD=":".join(preload), FAKETIME_TIMESTAMP_FILE=f"{self.run}/clock",
                    FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1", LEAT_PLANT=",".join(self.plants))

    def start(self, wait=True):
        self.leatd_begin()
        if wait:
            self.leatd_wait()

    def leatd_begin(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [*self.within("lb"), f"{self.build}/leatd", "--config", self.file, "--state", f"{self.state}/running.yaml",
                 "--socket", self.socket, "--pins", self.pins], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment())
        self.pids.append(self.process.pid)

    def leatd_wait(self):
        def answers():
            with contextlib.suppress(Gone):
                return self.process.poll() is not None or self.call("GET", "/v1/status")[0] == 200
        if not wait_until(answers) or self.process.poll() is not None:
            raise RuntimeError(f"leatd does not start: {self.log_since(self.log_from)[-500:]}")
        if "made new" in self.log_since(self.log_from):
            self.made_new.append(time.monotonic())
        self.up.begin()

    def stop(self, number=signal.SIGTERM):
        self.log_from = self.log_size()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self.up.end()

    def log_size(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def log_since(self, offset):
        with open(self.log, errors="replace") as f:
            f.seek(offset)
            return f.read()

    def call(self, method, path, body=None):
        """Status and answer (text); Gone if there is none."""
        connection = UnixConnection(self.socket)
        try:
            connection.connect()
        except OSError as e:
            raise Gone(str(e), sent=False) from e
        try:
            connection.request(method, path, body if isinstance(body, (str, type(None))) else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as e:
            raise Gone(str(e) or type(e).__name__, sent=True) from e
        finally:
            connection.close()

    def get(self, path):
        status, text = self.call("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {text[:200]}")
        return json.loads(text)

    # --- pins ---------------------------------------------------------------------------------------------
    def remove_pins(self, *pins):
        """These, or all and their directory."""
        for pin in pins:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{self.pins}/{pin}")
        if not pins:
            shutil.rmtree(self.pins, ignore_errors=True)

    # --- the disk -------------------------------------------------------------------------------------------
    def fill_disk(self):
        self.disk_full = True
        with contextlib.suppress(OSError), open(f"{self.state}/filler", "wb", buffering=0) as f:
            while f.write(b"x" * 4096):
                pass

    def free_disk(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{self.state}/filler")
        self.disk_full = False

    # --- the end --------------------------------------------------------------------------------------------
    def close(self):
        for helper in self.helpers:
            helper.kill()
            helper.wait()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        run("umount", self.state, check=False)
        self.lab("down")
        for left in self.clock_memory():
            os.unlink(left)

    def clock_memory(self):
        """What libfaketime leaves behind in a process that is killed."""
        return [left for left in glob.glob("/dev/shm/*faketime_*") if int(left.rpartition("_")[2]) in self.pids]

    def left_over(self):
        """What should not be there after close()."""
        left = [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line.startswith(self.prefix)]
        left += [p for p in (self.run, self.pins) if os.path.exists(p)] + self.clock_memory()
        left += [line for line in open("/proc/mounts") if line.startswith(self.prefix + " ")]
        return left + [f"process {pid}" for pid in self.pids if is_leatd(pid)]

    def keep(self, name, history):
        """Keeps what a failed run leaves to read."""
        to = f"{self.build}/tests/logs/{name}-{os.getpid()}"
        os.makedirs(os.path.dirname(to), exist_ok=True)
        shutil.copy(self.log, f"{to}.leatd.log")
        with open(f"{to}.changes.log", "w") as f:
            f.writelines(f"{time_text(at)} {text}\n" for at, text in history)
        return f"{to}.*.log"


def time_text(at):
    """As leatd's log writes it, of a time of CLOCK_MONOTONIC."""
    wall = time.time() - time.monotonic() + at
    return f"{time.strftime('%T', time.localtime(wall))}.{int(wall % 1 * 1000):03}"


def is_leatd(pid):
    with contextlib.suppress(OSError):
        return bool(re.search(r"\bleatd\0", open(f"/proc/{pid}/cmdline").read()))
    return False

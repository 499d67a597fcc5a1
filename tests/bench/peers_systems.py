# SPDX-License-Identifier: GPL-2.0-or-later
"""The balancers that tests/bench/peers compares: each with a way up and down in the lab's lb, from 192.0.2.10 to b1, b2, b3.

Ports of the VIP: 80 HTTP, 81 connections that are held, 9 datagrams that backends drop.
"""
import os
import shutil
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("B", "build")
VIP = "192.0.2.10"
BACKENDS = ("b1", "b2", "b3")
TCP_PORTS, UDP_PORT = (80, 81), 9


class Broken(Exception):
    """The bench cannot go on: a sentence."""


class Lab:
    """scripts/lab in mode l2, every device's receive path in a kernel thread of its own, leat's need of XDP at the
    switch's port left to leat."""

    def __init__(self, prefix):
        self.prefix, self.run_dir = prefix, f"/run/{prefix}"
        self.processes = []

    def lab(self, *words):
        done = subprocess.run(["scripts/lab", words[0], "--name", self.prefix, *words[1:]], cwd=TOP, capture_output=True, text=True)
        if done.returncode:
            raise Broken(done.stderr.strip() or f"scripts/lab {words[0]} fails")

    def words(self, name, words):
        return ["nsenter", f"--net=/run/netns/{self.prefix}-{name}", "--", *map(str, words)]

    def at(self, name, *words, check=True):
        done = subprocess.run(self.words(name, words), cwd=TOP, capture_output=True, text=True)
        if check and done.returncode:
            raise Broken(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def start(self, name, *words, **more):
        with open(f"{self.run_dir}/bench.log", "a") as log:
            process = subprocess.Popen(self.words(name, words), cwd=TOP, stderr=log, **{"stdout": log, **more})
        self.processes.append(process)
        return process

    def end(self, process, timeout=10):
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    def threaded(self, name, *devices):
        commands = "; ".join(f"echo 1 > /sys/class/net/{d}/threaded" for d in devices)
        self.at(name, "unshare", "--mount", "sh", "-ec", f"mount -t sysfs sysfs /sys; {commands}")

    def up(self):
        self.lab("up", "--mode", "l2", "--backends", str(len(BACKENDS)))
        before = set(napi_threads())
        self.threaded("lb", "eth0")
        self.napi = sorted(set(napi_threads()) - before)
        if not self.napi:
            raise Broken("the receive path of lb's eth0 got no kernel thread: does this kernel have threaded NAPI for veth?")
        self.threaded("switch", "port-lb", "port-router", *(f"port-{b}" for b in BACKENDS))
        self.threaded("router", "eth0", "client")
        for name in ("client", *BACKENDS):
            self.threaded(name, "eth0")
        for name in BACKENDS:
            self.start(name, f"{BUILD}/tests/bench/peers", "serve", TCP_PORTS[1], UDP_PORT)
        self.at("lb", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.tcp_tw_reuse=1", "net.core.somaxconn=4096",
                "net.ipv4.conf.all.send_redirects=0", "net.ipv4.conf.eth0.send_redirects=0")
        self.wakes(False)

    def down(self):
        for process in list(self.processes):
            self.end(process)
        self.lab("down")

    def wakes(self, wanted):
        """An XDP program at the far end of lb's cable: leat's frames wait without; everybody else's are copied with."""
        program = ["xdpdrv", "obj", f"{BUILD}/decap.bpf.o", "sec", "xdp"] if wanted else ["xdp", "off"]
        self.at("switch", "ip", "link", "set", "dev", "port-lb", *program)

    def answers(self):
        """Which backends answer HTTP at the VIP."""
        words = ["curl", "-s", "-m", "2"] + [f"http://{VIP}/"]
        return {self.at("client", *words, check=False).strip() for _ in range(24)} - {""}

    def file(self, name, text):
        path = f"{self.run_dir}/{name}"
        with open(path, "w") as f:
            f.write(text)
        return path


def napi_threads():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as f:
                if f.read().startswith("napi/"):
                    yield int(pid)
        except FileNotFoundError:
            pass


def wait_for(what, done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Broken(f"{what}: not within {seconds} seconds")
        time.sleep(0.05)


class System:
    """One balancer. process: its first process, if it has one."""
    datagrams = balances = True
    sockets = False  # does it hold some for each flow?
    process = None

    def __init__(self, lab):
        self.lab = lab

    def up(self):
        self.start()
        wait_for(f"{self.name} balances to every backend", lambda: self.lab.answers() == set(BACKENDS))

    def down(self):
        if self.process:
            self.lab.end(self.process)
            self.process = None
        self.stop()

    def stop(self):
        pass

    def processes(self):
        """Its processes and their children."""
        todo = [self.process.pid] if self.process else []
        for pid in todo:
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as f:
                    todo += map(int, f.read().split())
            except FileNotFoundError:
                pass
        return todo


class Leat(System):
    def __init__(self, lab, mode):
        super().__init__(lab)
        self.name, self.mode = f"leat {mode}", mode

    def start(self):
        lab = self.lab
        backends = "".join(f"      - address: 10.0.0.{b[1:]}\n" for b in BACKENDS)
        services = "".join(f"  - {{protocol: {protocol}, address: {VIP}, port: {port}, pool: all}}\n"
                           for protocol, port in [("tcp", p) for p in TCP_PORTS] + [("udp", UDP_PORT)])
        config = lab.file("leat.yaml", f"pools:\n  - name: all\n    mode: {self.mode}\n    check: {{type: none}}\n"
                          f"    backends:\n{backends}services:\n{services}interfaces: [{{name: eth0}}]\n")
        lab.wakes(True)
        if self.mode != "l2":
            for b in BACKENDS:
                lab.at(b, f"{BUILD}/leat-decap", "attach", "eth0", "--address", f"10.0.0.{b[1:]}")
        self.process = lab.start("lb", f"{BUILD}/leatd", "--config", config, "--state", f"{lab.run_dir}/running.yaml",
                                 "--socket", f"{lab.run_dir}/leatd.sock", "--pins", f"/sys/fs/bpf/{lab.prefix}")
        wait_for("leatd answers", lambda: "version" in self.leat("status", "--json"))

    def leat(self, *words):
        return self.lab.at("lb", f"{BUILD}/leat", "--socket", f"{self.lab.run_dir}/leatd.sock", *words, check=False)

    def down(self):
        self.leat("detach", "eth0")
        super().down()

    def stop(self):
        if self.mode != "l2":
            for b in BACKENDS:
                self.lab.at(b, f"{BUILD}/leat-decap", "detach", "eth0")
        self.lab.at("lb", "rm", "-rf", f"/sys/fs/bpf/{self.lab.prefix}", f"{self.lab.run_dir}/running.yaml")
        self.lab.wakes(False)


class Nothing(System):
    """What the rest costs: the router itself spreads flows over the backends."""
    name, balances, datagrams = "no balancer", False, False

    def start(self):
        self.lab.at("router", "sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1")
        hops = [word for b in BACKENDS for word in ("nexthop", "via", f"10.0.0.{b[1:]}")]
        self.lab.at("router", "ip", "route", "add", f"{VIP}/32", *hops)

    def stop(self):
        self.lab.at("router", "ip", "route", "del", f"{VIP}/32")


class Nftables(System):
    """DNAT in the kernel. Answers must pass it, so it is the backends' way out."""
    name = "nftables"

    def start(self):
        targets = ", ".join(f"{n} : 10.0.0.{b[1:]}" for n, b in enumerate(BACKENDS))
        dnat = f"dnat to numgen inc mod {len(BACKENDS)} map {{ {targets} }}"
        rules = "".join(f"\t\tip daddr {VIP} {match} {dnat}\n" for match in
                        (f"tcp dport {{ {', '.join(map(str, TCP_PORTS))} }}", f"udp dport {UDP_PORT}"))
        self.lab.at("lb", "nft", "-f", self.lab.file("rules.nft", "table ip balance {\n\tchain prerouting {\n"
                    f"\t\ttype nat hook prerouting priority dstnat; policy accept;\n{rules}\t}}\n}}\n"))
        for b in BACKENDS:
            self.lab.at(b, "ip", "route", "replace", "default", "via", "10.0.0.100")

    def stop(self):
        self.lab.at("lb", "nft", "delete", "table", "ip", "balance")
        for b in BACKENDS:
            self.lab.at(b, "ip", "route", "replace", "default", "via", "10.0.0.254")


class Owner(System):
    """The VIP is an address of lb's."""

    def start(self):
        self.lab.at("lb", "ip", "address", "add", f"{VIP}/32", "dev", "lo")

    def stop(self):
        self.lab.at("lb", "ip", "address", "del", f"{VIP}/32", "dev", "lo")


class Proxy(Owner):
    """A process that holds two connections for each."""
    sockets = True

    def start(self):
        super().start()
        self.process = self.lab.start("lb", *self.command())


class Ipvs(Owner):
    """Direct routing, as leat's l2: it takes what is for an address of lb's, and answers pass it by."""
    name = "IPVS l2"

    @staticmethod
    def is_here():
        return shutil.which("ipvsadm") and subprocess.run(["modprobe", "-q", "ip_vs"]).returncode == 0

    def start(self):
        super().start()
        for kind, port in [("-t", p) for p in TCP_PORTS] + [("-u", UDP_PORT)]:
            self.lab.at("lb", "ipvsadm", "-A", kind, f"{VIP}:{port}", "-s", "rr")
            for b in BACKENDS:
                self.lab.at("lb", "ipvsadm", "-a", kind, f"{VIP}:{port}", "-r", f"10.0.0.{b[1:]}:{port}", "-g")

    def stop(self):
        self.lab.at("lb", "ipvsadm", "-C")
        super().stop()


class Haproxy(Proxy):
    name, datagrams = "HAProxy", False

    def __init__(self, lab, connections):
        super().__init__(lab)
        self.connections = connections + 200

    def command(self):
        parts = [f"global\n maxconn {self.connections}\ndefaults\n mode tcp\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n"]
        for port in TCP_PORTS:
            servers = "".join(f" server {b} 10.0.0.{b[1:]}:{port}\n" for b in BACKENDS)
            parts.append(f"frontend f{port}\n bind {VIP}:{port} backlog 4096\n default_backend p{port}\n"
                         f"backend p{port}\n balance roundrobin\n{servers}")
        return "haproxy", "-db", "-f", self.lab.file("haproxy.cfg", "".join(parts))


class Nginx(Proxy):
    name = "nginx stream"

    def __init__(self, lab, connections):
        super().__init__(lab)
        self.connections = connections

    def command(self):
        def listen(port, kind, more):
            servers = "".join(f"  server 10.0.0.{b[1:]}:{port};\n" for b in BACKENDS)
            return (f" upstream p{kind}{port} {{\n{servers} }}\n"
                    f" server {{ listen {VIP}:{port} {more}; proxy_pass p{kind}{port}; proxy_timeout 1h; }}\n")
        text = (f"load_module /usr/lib/nginx/modules/ngx_stream_module.so;\nuser root;\ndaemon off;\npid {self.lab.run_dir}/proxy.pid;\n"
                f"worker_processes auto;\nerror_log {self.lab.run_dir}/proxy.log crit;\n"
                f"events {{ worker_connections {2 * self.connections + 500}; }}\nstream {{\n"
                + "".join(listen(port, "tcp", "backlog=4096") for port in TCP_PORTS)
                + listen(UDP_PORT, "udp", "udp reuseport").replace("1h", "10s") + "}\n")
        return "nginx", "-e", f"{self.lab.run_dir}/proxy.log", "-c", self.lab.file("proxy.conf", text)


NAMES = ("leat l2", "leat ipip", Ipvs.name, Nftables.name, Haproxy.name, Nginx.name, Nothing.name)


def all_systems(lab, connections):
    """In the order of NAMES; IPVS only where the kernel has it."""
    ipvs = [Ipvs(lab)] if Ipvs.is_here() else []
    return [Leat(lab, "l2"), Leat(lab, "ipip"), *ipvs, Nftables(lab), Haproxy(lab, connections), Nginx(lab, connections), Nothing(lab)]

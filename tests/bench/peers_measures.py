# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests/bench/peers measures of a balancer that is up: a dictionary of figures each.

Processor time is that of the kernel threads in which lb's eth0 receives (threaded NAPI: XDP, netfilter, forwarding and
TCP's receive path run there) and of the balancer's processes, from /proc/PID/task/*/schedstat, in nanoseconds. What the cables'
other ends, the switch, the clients and the servers do runs in other threads.
"""
import json
import os
import re
import time

from peers_systems import BACKENDS, BUILD, TCP_PORTS, UDP_PORT, VIP, Broken

RATE = 20000  # packets a second at which a packet's cost is taken: well below what the slowest can
FLOWS = 1000
NEW_FLOWS = 1 << 24  # more than there will be packets: each begins a flow
# The kernel's objects for a socket of TCP that a process holds and waits for.
SOCKET = ("TCP", "sock_inode_cache", "dentry", "filp", "eventpoll_epi")


# --- the balancer's time -------------------------------------------------------------------------------------
def nanoseconds(system):
    total = 0
    for pid in system.lab.napi + system.processes():
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                    total += int(f.read().split()[0])
        except FileNotFoundError:
            raise Broken(f"process {pid} of {system.name} is gone: see {system.lab.run_dir}") from None
    return total


def timed(system, work):
    """What work returns, and the balancer's nanoseconds meanwhile."""
    before = nanoseconds(system)
    result = work()
    return result, nanoseconds(system) - before


# --- packets -------------------------------------------------------------------------------------------------
def link(lab, name):
    return json.loads(lab.at(name, "ip", "-j", "-s", "link", "show", "dev", "eth0"))[0]


def delivered(lab):
    return sum(link(lab, b)["stats64"]["rx"]["packets"] for b in BACKENDS)


def flood(lab, rate, seconds, flows=FLOWS):
    """Datagrams from the switch's port, as the router's: (delivered to backends, seconds)."""
    before = delivered(lab)
    out = lab.at("switch", f"{BUILD}/tests/bench/peers", "flood", "port-lb", link(lab, "router")["address"],
                 link(lab, "lb")["address"], "198.51.100.10", VIP, UDP_PORT, flows, rate, seconds)
    took = int(out.split()[2]) / 1e9
    time.sleep(0.3)
    return delivered(lab) - before, took


def packets(system, seconds):
    if not system.datagrams:
        return {}
    lab = system.lab
    flood(lab, RATE, 0.5)
    count, took = flood(lab, 0, seconds)
    (cheap, _), spent = timed(system, lambda: flood(lab, RATE, seconds))
    figures = {"packets-per-second": count / took, "ns-per-packet": spent / cheap}
    if not system.sockets:
        (cheap, _), spent = timed(system, lambda: flood(lab, RATE, seconds, NEW_FLOWS))
        figures["ns-per-new-flow"] = spent / cheap
    return figures


# --- requests ------------------------------------------------------------------------------------------------
REPORT = """
done = function(summary, latency, requests)
	local e = summary.errors
	io.stdout:write(string.format('report {"requests": %d, "us": %d, "errors": %d, "p50": %d, "p99": %d, "p999": %d}\\n',
		summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
		latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
"""


def wrk(system, seconds, connections, *more):
    lab = system.lab
    script = lab.file("report.lua", REPORT)

    def work():
        out = lab.at("client", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, *more, f"http://{VIP}/")
        return json.loads(re.search(r"^report (.*)$", out, re.M)[1])
    report, spent = timed(system, work)
    if report["requests"] == 0 or report["errors"] * 1000 > report["requests"]:
        raise Broken(f"{system.name}: wrk had {report['errors']} errors in {report['requests']} requests")
    return report, spent


def requests(system, seconds):
    wrk(system, 1, 32)  # pages and caches are warm then
    report, spent = wrk(system, seconds, 32)
    figures = {"requests-per-second": report["requests"] * 1e6 / report["us"],
               "p50-us": report["p50"], "p99-us": report["p99"], "p99.9-us": report["p999"]}
    if system.balances:
        figures["ns-per-request"] = spent / report["requests"]
    return figures


def connections(system, seconds):
    report, spent = wrk(system, seconds, 64, "-H", "Connection: close")
    figures = {"connections-per-second": report["requests"] * 1e6 / report["us"]}
    if system.balances:
        figures["ns-per-connection"] = spent / report["requests"]
    return figures


# --- memory --------------------------------------------------------------------------------------------------
def slab(name):
    """What one of these objects takes; 0 if the kernel has none."""
    try:
        with open(f"/sys/kernel/slab/{name}/slab_size") as f:
            return int(f.read())
    except FileNotFoundError:
        return 0


def kernel_bytes(lab):
    """Of lb's sockets and tracked connections: what the kernel's objects take, without buffers and extensions."""
    sockets = int(re.search(r"^TCP: inuse (\d+)", lab.at("lb", "cat", "/proc/net/sockstat"), re.M)[1])
    # Without conntrack or IPVS in the kernel there are no such files.
    tracked = int(lab.at("lb", "sysctl", "-n", "net.netfilter.nf_conntrack_count", check=False) or 0)
    ipvs = lab.at("lb", "cat", "/proc/net/ip_vs_conn", check=False).count("\n")
    return sockets * sum(map(slab, SOCKET)) + tracked * slab("nf_conntrack") + ipvs * slab("ip_vs_conn")


def process_bytes(system):
    """Proportional set size, and of BPF maps what they hold."""
    total, maps = 0, {}
    for pid in system.processes():
        with open(f"/proc/{pid}/smaps_rollup") as f:
            total += 1024 * int(re.search(r"^Pss: +(\d+)", f.read(), re.M)[1])
        for fd in os.listdir(f"/proc/{pid}/fdinfo"):
            try:
                with open(f"/proc/{pid}/fdinfo/{fd}") as f:
                    found = dict(re.findall(r"^(\w+):\s+(\d+)", f.read(), re.M))
            except FileNotFoundError:
                continue
            if "map_id" in found:
                maps[found["map_id"]] = int(found["memlock"])
    return total + sum(maps.values())


def memory(system, count):
    """Bytes before, and how many more a connection takes with this many open."""
    if not system.balances:
        return {}
    lab, sources = system.lab, [f"198.51.100.{2 + n}" for n in range(1 + count // 30000)]
    for source in sources[1:]:
        lab.at("client", "ip", "address", "replace", f"{source}/24", "dev", "eth0")
    base, kernel = process_bytes(system), kernel_bytes(lab)
    holder = lab.start("client", f"{BUILD}/tests/bench/peers", "hold", VIP, TCP_PORTS[1], count, *sources, stdin=-1, stdout=-1, text=True)
    opened, failed = map(int, holder.stdout.readline().split() or (0, count))
    if failed:
        raise Broken(f"{system.name}: {failed} of {count} connections failed")
    time.sleep(1)
    more = process_bytes(system) - base + kernel_bytes(lab) - kernel
    holder.stdin.close()
    holder.stdout.close()
    holder.wait()
    lab.processes.remove(holder)
    time.sleep(1)
    return {"base-bytes": base, "bytes-per-held": more / opened}

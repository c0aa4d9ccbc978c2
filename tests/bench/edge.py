"""Our HTTP layer beside nginx serving files and libevent's evhttp serving memory, in turn in one run, the same bytes.

One loop, one worker, one thread; load.c takes the other core. The rate tells what a client sees; the processor time per
answer (user and kernel, of the serving process) what it costs, also on a machine that does other things. Called by bench.py.
"""
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import time

import loops

NGINX = """{user}daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off; server_tokens off; sendfile on; tcp_nopush on; tcp_nodelay on; default_type image/jpeg;
    open_file_cache max=100 inactive=1h; open_file_cache_valid 1h; keepalive_requests 100000000; keepalive_timeout 1h;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""
SIZES = {"60 kB": ("/v1/previews/court-sneaker@1/side.jpg?w=1024&o.size=42", 1.5),
         "1 kB": ("/v1/previews/court-sneaker@1/side.jpg?w=64&o.size=42", 1.1)}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_nginx(folder):
    """(process, port, pid of the worker)"""
    port = free_port()
    pathlib.Path(folder, "nginx.conf").write_text(NGINX.format(
        folder=folder, port=port, user="" if os.geteuid() else "user root; "))  # else its worker may not read the folder
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/nginx.log"])
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return process, port, int(children[0])


def measure(bench, server_class):
    binary = pathlib.Path(bench.options.binary).resolve()
    evhttp = binary.parent / "tests/bench/peer_evhttp"
    if not shutil.which("nginx") and not os.path.exists("/usr/sbin/nginx") or not evhttp.exists():
        print(f"   no nginx, or no {evhttp}: not held against others", flush=True)
        return
    folder = pathlib.Path(bench.folder, "edge")
    (folder / "files").mkdir(parents=True)
    ours = server_class(binary, folder, ("--loops", "1"))
    processes = []
    try:
        files = []
        for number, (target, _) in enumerate(SIZES.values()):
            files.append(folder / f"files/{number}")
            files[-1].write_bytes(ours.ask("GET", target)[0])
        nginx, nginx_port, worker = start_nginx(str(folder))
        processes.append(nginx)
        peer = subprocess.Popen([evhttp, *files], stdout=subprocess.PIPE, text=True)
        processes.append(peer)
        peer_port = int(peer.stdout.readline().split()[1])
        for number, (size, (target, goal)) in enumerate(SIZES.items()):
            who = {"nginx": (nginx_port, worker, f"/{number}"), "evhttp": (peer_port, peer.pid, f"/{number}"),
                   "ours": (ours.port, ours.process.pid, target)}
            hold(bench, f"{size} ({files[number].stat().st_size} bytes)", who, goal)
    finally:
        ours.end()
        for process in processes:
            process.terminate()
            process.wait(timeout=30)


def hold(bench, size, who, goal):
    runs = {name: [] for name in who}
    for turn in range(bench.options.runs + 1):  # the first is not counted
        for name, (port, pid, target) in list(who.items())[::-1 if turn % 2 else 1]:
            before = loops.cpu_s(pid)
            figures = bench.load_once(port, f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(), 200)
            figures["cost_us"] = (loops.cpu_s(pid) - before) / figures["answers"] * 1e6
            if turn:
                runs[name].append(figures)
    rates = {name: [run["answers"] / run["seconds"] for run in told] for name, told in runs.items()}
    for name, told in runs.items():
        bench.add(f"{size} by {name}", "/s", rates[name])
        bench.add("  processor time per answer", "us", [run["cost_us"] for run in told])
        bench.add("  p99", "us", [run["p99_us"] for run in told])
    p99 = {name: statistics.median(run["p99_us"] for run in told) for name, told in runs.items()}
    for name in ("nginx", "evhttp"):
        bench.add(f"{size}: answers for one of {name}", "x",
                  [mine / theirs for mine, theirs in zip(rates["ours"], rates[name])],
                  goal=f">= {goal}" if name == "nginx" else None)
        bench.add("  for the processor time of one", "x",
                  [theirs["cost_us"] / mine["cost_us"] for mine, theirs in zip(runs["ours"], runs[name])])
        bench.add("  p99 of ours for one", "x", [p99["ours"] / p99[name]], goal="<= 1" if name == "nginx" else None)

/** The same as `perlListener`, where there is Python and no Perl. */
export const pythonListener = `
import os, select, socket, struct, sys
try:
    open("/proc/self/comm", "w").write("muster-probe")
except OSError:
    pass
line = b""
while not line.endswith(b"\\n"):
    byte = os.read(0, 1)
    if not byte:
        break
    line += byte
word, *ports = line.decode().split()
sockets = {0: ("life", None)}
def say(text):
    sys.stdout.write(text + "\\n")
    sys.stdout.flush()
def listener(protocol, port):
    for family, place in ((socket.AF_INET6, "::"), (socket.AF_INET, "0.0.0.0")):
        try:
            one = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            if protocol == "tcp":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((place, port))
            if protocol == "tcp":
                one.listen(1024)
            return one
        except OSError:
            pass
    return None
for name in ports:
    protocol, port = name.split("/")
    one = listener(protocol, int(port))
    if one is not None:
        sockets[one.fileno()] = (protocol, one)
    say(("busy " if one is None else "bound ") + name)
say("ready")
while True:
    ready = select.select(list(sockets), [], [], 90)[0]
    if not ready:
        sys.exit()
    for number in ready:
        kind, one = sockets[number]
        try:
            if kind == "tcp":
                guest = one.accept()[0]
                guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                guest.sendall(word.encode() + b"\\n")
                sockets[guest.fileno()] = ("guest", guest)
            elif kind == "udp":
                data, sender = one.recvfrom(200)
                if data.startswith(word.encode()):
                    one.sendto(word.encode() + b"\\n", sender)
            elif kind == "life":
                if not os.read(0, 100):
                    sys.exit()
            elif not one.recv(100):
                raise OSError()
        except OSError:
            if kind == "guest":
                del sockets[number]
                one.close()
`;

/** The same as `perlProbe`. */
export const pythonProbe = `
import errno, select, socket, sys, time
word, seconds = sys.stdin.readline().split()
lines = sys.stdin.read().split("\\n")
jobs = {}
words = {errno.ECONNREFUSED: "refused", errno.EHOSTUNREACH: "unreachable", errno.ENETUNREACH: "unreachable",
         errno.EACCES: "unreachable", errno.EPERM: "unreachable", errno.ETIMEDOUT: "timeout"}
def done(number, result):
    name, _, _, one = jobs.pop(number)
    one.close()
    print(name, result)
def send(one):
    try:
        one.send(word.encode())
    except OSError:
        pass
def start(line):
    protocol, address, port, kind = line.split(" ")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    one = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    one.setblocking(False)
    jobs[one.fileno()] = [" ".join((protocol, address, port)), protocol == "udp", kind, one]
    failure = one.connect_ex((address, int(port)))
    if failure not in (0, errno.EINPROGRESS):
        done(one.fileno(), words.get(failure, "other"))
    elif protocol == "udp":
        send(one)
def look(number):
    name, connected, kind, one = jobs[number]
    try:
        if connected:
            done(number, "ok" if one.recv(200).startswith(word.encode()) else "other")
            return
        failure = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure:
            done(number, words.get(failure, "other"))
        elif kind == "busy":
            done(number, "ok")
        else:
            jobs[number][1] = True
    except OSError as error:
        done(number, words.get(error.errno, "other"))
while lines:
    some, lines = lines[:200], lines[200:]
    for line in some:
        if line:
            start(line)
    end = time.monotonic() + int(seconds)
    while jobs and time.monotonic() <= end:
        reads = [number for number in jobs if jobs[number][1]]
        writes = [number for number in jobs if not jobs[number][1]]
        ready = select.select(reads, writes, [], 0.5)
        for number in ready[0] + ready[1]:
            look(number)
        if not ready[0] and not ready[1]:
            for number in reads:
                if jobs[number][0].startswith("udp"):
                    send(jobs[number][3])
    for number in list(jobs):
        done(number, "timeout")
`;

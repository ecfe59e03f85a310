"""Asks for an address as a card with this hardware address would, by a broadcast on eth0, and prints what it is given as JSON.

Arguments: hardware address, seconds to wait. It takes the first offer and prints `{}` where nobody offers one. The host's own address stays
as it is: only the exchange of packets is done (RFC 2131, discover to acknowledge).
"""
import json, os, socket, struct, sys, time

mac = bytes.fromhex(sys.argv[1].replace(":", ""))
deadline = time.monotonic() + float(sys.argv[2])
transaction = os.urandom(4)
broadcast = ("255.255.255.255", 67)

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0\0")
sock.bind(("0.0.0.0", 68))
sock.settimeout(1)


def packet(kind, options):
    # The flag asks for an answer by broadcast: this host does not listen to an address that it does not have.
    head = struct.pack("!BBBB4sHH4s4s4s4s16s192x", 1, 1, 6, 0, transaction, 0, 0x8000, b"", b"", b"", b"", mac)
    wanted = bytes([55, 6, 1, 3, 6, 15, 42, 67])
    return head + b"\x63\x82\x53\x63" + bytes([53, 1, kind]) + options + wanted + b"\xff"


def read(data):
    options, at = {}, 240
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        options[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return options


def exchange(kind, options, answers):
    while time.monotonic() < deadline:
        sock.sendto(packet(kind, options), broadcast)
        until = time.monotonic() + 1
        while time.monotonic() < until:
            try:
                data, _ = sock.recvfrom(2048)
            except socket.timeout:
                break
            if data[4:8] != transaction:
                continue
            told = read(data)
            if told.get(53, b"\0")[0] in answers:
                return data, told
    return None


def addresses(data):
    return [socket.inet_ntoa(data[at : at + 4]) for at in range(0, len(data), 4)]


OFFER, ACK, NAK = 2, 5, 6
offered = exchange(1, b"", [OFFER])
given = None
if offered is not None:
    address, server = offered[0][16:20], offered[1][54]
    given = exchange(3, bytes([50, 4]) + address + bytes([54, 4]) + server, [ACK, NAK])
if given is None or given[1][53][0] == NAK:
    print("{}")
else:
    data, told = given
    # A boot file that is not among the options is in a field of its own.
    boot = told.get(67) or data[108:236].split(b"\0")[0]
    print(
        json.dumps(
            {
                "address": socket.inet_ntoa(data[16:20]),
                "server": addresses(told[54])[0],
                "next": socket.inet_ntoa(data[20:24]),
                "boot": boot.rstrip(b"\0").decode(),
                "resolvers": addresses(told.get(6, b"")),
                "routers": addresses(told.get(3, b"")),
                "times": addresses(told.get(42, b"")),
                "domain": told.get(15, b"").rstrip(b"\0").decode(),
            }
        )
    )

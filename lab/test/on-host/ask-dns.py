"""Asks one DNS server for a name, or for the name of an IPv4 address, and prints what it says, one answer a line. Arguments: server, question."""
import ipaddress, os, socket, struct, sys

server, question = sys.argv[1:]
try:
    name, kind = ipaddress.IPv4Address(question).reverse_pointer, 12
except ValueError:
    name, kind = question, 1

transaction = os.urandom(2)
words = b"".join(bytes([len(word)]) + word.encode() for word in name.rstrip(".").split("."))
query = transaction + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + words + b"\0" + struct.pack("!HH", kind, 1)


def read_name(data, at):
    labels, end = [], None
    while data[at] != 0:
        if data[at] >= 0xC0:
            end = end or at + 2
            at = struct.unpack("!H", data[at : at + 2])[0] & 0x3FFF
            continue
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels), end or at + 1


sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(5)
sock.connect((server, 53))
sock.send(query)
data = sock.recv(4096)
flags, _, answers = struct.unpack("!HHH", data[2:8])
if flags & 15 == 3:
    print("no such name")
at = 12 + len(words) + 1 + 4
for _ in range(answers):
    _, at = read_name(data, at)
    answer, _, _, length = struct.unpack("!HHIH", data[at : at + 10])
    at += 10
    if answer == 1:
        print(socket.inet_ntoa(data[at : at + length]))
    elif answer == 12:
        print(read_name(data, at)[0])
    at += length

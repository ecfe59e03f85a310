import type { ManagedFile } from '../host/managed-file.ts';
import { authorityPath, patroniPort } from '../pool/places.ts';
import { dhcpRolePath, dnsmasqFolder, dnsmasqPaths, dnsmasqUnitName } from './dnsmasq-files.ts';
import { markedFile } from './marked-file.ts';

export const rangeUnitName = 'muster-dhcp-range.service';
export const rangePaths = {
  program: `${dnsmasqFolder}/follow-primary`,
  unit: `/etc/systemd/system/${rangeUnitName}`,
} as const;

/**
 * How long a holder keeps the range while its Patroni says nothing, in seconds: a Patroni that is started anew is no reason to move it. Patroni
 * lets nobody else lead before 20 s without a word of the primary's (`ttl`), so this with one round of asking must stay well below that.
 */
export const patienceSeconds = 8;

/** What lets the dynamic range of a member follow the primary; `address` is the member's own, where its Patroni answers. Pure. */
export const rangeFiles = (address: string): ManagedFile[] => [
  markedFile(rangePaths.program, program),
  markedFile(rangePaths.unit, unit(address)),
];

/** Not ordered after dnsmasq: to let go while it is stopped itself it restarts that, which would then have to wait for its own end. */
const unit = (address: string): string => `[Unit]
Description=Dynamic range of DHCP on the member that has the primary of the database, by Muster
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=/usr/bin/python3 ${rangePaths.program} ${address} ${patroniPort} ${authorityPath}
WatchdogSec=15
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

/** Python, because Patroni is made of it: where there is a primary to follow, it is there. */
const program = `"""Lets this member hold the dynamic range of DHCP while its machine has the primary of the database.

Arguments: address and port of the machine's own Patroni, file with the authority of its certificate. Patroni says that it is the primary only
while it has the lock of that in etcd, so a machine that was cut off, or woke up after a while, is told that it is not.
"""
import http.client, os, signal, socket, ssl, subprocess, sys, time

ADDRESS, PORT, AUTHORITY = sys.argv[1], int(sys.argv[2]), sys.argv[3]
LINK = "${dhcpRolePath}"
SETTINGS = "${dnsmasqPaths.settings}"
ROLES = {"holder": "${dnsmasqPaths.holder}", "second": "${dnsmasqPaths.second}"}
UNIT = "${dnsmasqUnitName}"
# Stands while dnsmasq has not read yet where the link leads to.
PENDING = LINK + ".pending"
PAUSE_SECONDS, ASK_SECONDS, PATIENCE_SECONDS = 2, 2, ${patienceSeconds}
SAYS = {"holder": "holds the dynamic range", "second": "does not hold the dynamic range"}


def is_primary():
    """Whether Patroni says so; None where it says nothing."""
    try:
        context = ssl.create_default_context(cafile=AUTHORITY)
        connection = http.client.HTTPSConnection(ADDRESS, PORT, timeout=ASK_SECONDS, context=context)
        try:
            connection.request("GET", "/primary")
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return None


def notify(text):
    place = os.environ.get("NOTIFY_SOCKET")
    if place:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.sendto(text.encode(), place.replace("@", "\\0", 1) if place.startswith("@") else place)


def say(text):
    print(text, flush=True)
    notify("STATUS=" + text)


def systemctl(verb):
    try:
        return subprocess.run(["systemctl", verb, UNIT], check=False, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def leads_to():
    try:
        return os.readlink(LINK)
    except OSError:
        return None


def is_good(path):
    tested = subprocess.run(["dnsmasq", "--test", "--conf-file=" + SETTINGS, "--conf-file=" + path], capture_output=True, text=True)
    if tested.returncode != 0:
        say("dnsmasq does not take %s: %s" % (path, tested.stderr.strip()))
    return tested.returncode == 0


def take(role):
    """Makes dnsmasq what it is to be; asked again and again, so what fails is tried again."""
    path = ROLES[role]
    if leads_to() == path and not os.path.exists(PENDING):
        notify("STATUS=" + SAYS[role])
        return
    if not is_good(path):
        # No DHCP from here is better than a second holder.
        if role == "second" and leads_to() == ROLES["holder"] and os.path.exists(path):
            systemctl("stop")
        return
    os.makedirs(os.path.dirname(LINK), exist_ok=True)
    open(PENDING, "w").close()
    if os.path.lexists(LINK + ".new"):
        os.unlink(LINK + ".new")
    os.symlink(path, LINK + ".new")
    os.rename(LINK + ".new", LINK)
    # One that an administrator has stopped stays so.
    if systemctl("try-restart"):
        os.unlink(PENDING)
        say(SAYS[role])


def leave(_signal, _frame):
    take("second")
    sys.exit(0)


def main():
    signal.signal(signal.SIGTERM, leave)
    notify("READY=1")
    heard = time.monotonic()
    while True:
        said = is_primary()
        if said is not None:
            heard = time.monotonic()
            take("holder" if said else "second")
        elif time.monotonic() - heard > PATIENCE_SECONDS:
            take("second")
        notify("WATCHDOG=1")
        time.sleep(PAUSE_SECONDS)


main()
`;

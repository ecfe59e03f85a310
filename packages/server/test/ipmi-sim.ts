import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real BMC of OpenIPMI (`ipmi_sim`), and at its serial line a stand-in for a machine. */
export type IpmiSim = {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** All that came in on the machine's serial line. */
  received(): string;
  /** Lets the machine write. */
  say(text: string): void;
  stop(): Promise<void>;
};

/** A machine that writes back what it reads, in angle brackets, and tells it on standard output; what it reads there it writes too. */
const machine = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
os.write(1, (os.ttyname(slave) + '\\n').encode())
while True:
    for ready in select.select([master, 0], [], [])[0]:
        data = os.read(ready, 65536)
        if not data:
            sys.exit()
        if ready == 0:
            os.write(master, data)
        else:
            os.write(1, data)
            os.write(master, b'<' + data + b'>')
`;

const emulation = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`;

const configuration = (port: number, tty: string, password: string): string => `name "bmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
  sol "${tty}" 115200
  user 1 true "" "test" user 10 none md2 md5 straight
  user 2 true "admin" "${password}" admin 10 none md2 md5 straight
`;

/** Starts one on a free port of 127.0.0.1; the caller stops it. */
export async function startIpmiSim(): Promise<IpmiSim> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-ipmi-'));
  const [port, password] = [await freeUdpPort(), 'sesame-7'];
  const line = spawn('python3', ['-c', machine], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [first] = (await once(line.stdout, 'data')) as [Buffer];
  let received = '';
  line.stdout.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1');
  });
  await mkdir(join(folder, 'state'));
  await writeFile(join(folder, 'lan.conf'), configuration(port, first.toString().trim(), password));
  await writeFile(join(folder, 'node.emu'), emulation);
  const files = ['-c', join(folder, 'lan.conf'), '-f', join(folder, 'node.emu'), '-s', join(folder, 'state')];
  const simulator = spawn('ipmi_sim', ['-n', ...files], { stdio: ['ignore', 'ignore', 'inherit'] });
  await answering(port);
  const stop = async () => {
    await Promise.all([ended(simulator), ended(line)]);
    await rm(folder, { recursive: true, force: true });
  };
  return { port, user: 'admin', password, received: () => received, say: (text) => void line.stdin.write(text), stop };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Asks by RMCP presence ping (ASF 2.0, 3.2.4) until it answers. */
async function answering(port: number): Promise<void> {
  const ping = Buffer.from('06000006000011be80000000', 'hex');
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  const answered = once(socket, 'message');
  const timer = setInterval(() => socket.send(ping, port, '127.0.0.1'), 50);
  await answered;
  clearInterval(timer);
  socket.close();
}

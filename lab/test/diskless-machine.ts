import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '../src/index.ts';
import { bridgeName } from '../src/network.ts';

const options = {
  bios: ['-M', 'pc,graphics=off', '-m', '128', '-boot', 'n'],
  uefi: ['-M', 'q35', '-m', '384', '-drive', 'if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd'],
} as const;

/**
 * A machine without a disk, plugged into the network of a lab: a qemu on this machine, which has nothing to boot from but its card. With `bios`
 * the card's own program is iPXE already; with `uefi` it is the firmware that asks, and gets iPXE over TFTP. Emulated (`tcg`): the kernel's help
 * is not to be had everywhere.
 */
export class DisklessMachine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'muster-lab-diskless-'));
  readonly #stop: () => Promise<void>;

  /** `cable`: a name of its own for its end in the lab's network. */
  static async start(lab: Lab, cable: string, mac: string, firmware: 'bios' | 'uefi'): Promise<DisklessMachine> {
    const plug = `ip tuntap add dev "$0" mode tap && ip link set "$0" master "$1" up`;
    const { code, stderr } = await lab.exec(['sh', '-c', plug, cable, bridgeName(lab.settings)]);
    if (code !== 0) throw new Error(`the cable ${cable} cannot be plugged in: ${stderr}`);
    return new DisklessMachine(lab, cable, mac, firmware);
  }

  private constructor(lab: Lab, cable: string, mac: string, firmware: 'bios' | 'uefi') {
    const variables = join(this.#folder, 'variables.fd');
    if (firmware === 'uefi') copyFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd', variables);
    const child = lab.spawnIn([
      ...['qemu-system-x86_64', '-accel', 'tcg', '-nodefaults', '-display', 'none', '-no-reboot', ...options[firmware]],
      ...(firmware === 'uefi' ? ['-drive', `if=pflash,format=raw,file=${variables}`] : []),
      ...['-netdev', `tap,id=net,ifname=${cable},script=no,downscript=no`],
      ...['-device', `virtio-net-pci,netdev=net,mac=${mac}${firmware === 'uefi' ? ',romfile=' : ''}`],
      ...['-serial', `file:${join(this.#folder, 'serial')}`],
    ]);
    let said = '';
    child.stdout.resume();
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    this.#stop = async () => {
      child.kill('SIGKILL');
      await ended;
      await lab.exec(['ip', 'link', 'del', cable]);
    };
    this.complaint = () => said;
  }

  /** What qemu itself has to say. */
  readonly complaint: () => string;

  /** Everything that has come out of its serial port, without the codes for colours and places. */
  serial(): string {
    try {
      return readFileSync(join(this.#folder, 'serial'), 'utf8').replaceAll(/\u001B\[[\d;]*[A-Za-z]/gu, '');
    } catch {
      return this.complaint();
    }
  }

  async stop(): Promise<void> {
    await this.#stop();
    rmSync(this.#folder, { recursive: true });
  }
}

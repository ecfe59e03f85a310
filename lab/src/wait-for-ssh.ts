import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

// A program of its own, because it has to run inside the lab's network.
// Arguments: seconds to wait, then addresses. Prints the addresses that did not answer; status 0 when all did.

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (text: Buffer) => end(text.toString('latin1').startsWith('SSH-')));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
    socket.on('close', () => resolve(false));
  });
}

const [waitSeconds = '60', ...addresses] = process.argv.slice(2);
const deadline = performance.now() + Number(waitSeconds) * 1000;
const silent = new Set(addresses);

await Promise.all(
  addresses.map(async (address) => {
    while (performance.now() < deadline) {
      if (await answers(address)) {
        silent.delete(address);
        return;
      }
      await sleep(50);
    }
  }),
);
process.stdout.write([...silent].join('\n'));
process.exitCode = silent.size === 0 ? 0 : 1;

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Whether there is a person to ask. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks a question that is answered with yes or no. */
export async function askYesNo(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = (await asking.question(`${question} (yes/no) `)).trim().toLowerCase();
      if (answer === 'yes' || answer === 'no') return answer === 'yes';
      process.stderr.write('Please answer yes or no.\n');
    }
  } finally {
    asking.close();
  }
}

/** Asks for a secret; what is typed is not shown. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await asking.question('');
  } finally {
    asking.close();
    process.stderr.write('\n');
  }
}

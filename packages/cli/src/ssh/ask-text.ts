import { createInterface } from 'node:readline/promises';

/** Asks for a line of text, which is shown as it is typed. */
export async function askText(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question(`${question}: `)).trim();
  } finally {
    asking.close();
  }
}

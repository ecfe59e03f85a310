const tilde = 0x7e;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** Input on its way to ipmitool: its bytes, and whether they end a line. */
export type SolInput = { readonly bytes: Uint8Array; readonly atLineStart: boolean };

/**
 * What ipmitool is given so that the node gets what was typed: it takes `~` at the start of a line for a word to itself (`~.` ends the session
 * of everybody), and `~~` for one tilde. Pure.
 */
export function solInputOf(typed: Uint8Array, atLineStart: boolean): SolInput {
  const bytes: number[] = [];
  let isStart = atLineStart;
  for (const byte of typed) {
    if (isStart && byte === tilde) bytes.push(tilde);
    bytes.push(byte);
    isStart = byte === carriageReturn || byte === lineFeed;
  }
  return { bytes: Uint8Array.from(bytes), atLineStart: isStart };
}

/** Why a serial console over IPMI did not open, by what ipmitool said. Pure. */
export function explainSol(said: string, { nodeName, address }: { readonly nodeName: string; readonly address: string }): string {
  const about = `${nodeName}: its management controller at ${address}`;
  const found = solRefusals.find(([pattern]) => pattern.test(said));
  if (found !== undefined) return `${about} ${found[1]}`;
  const line = said
    .split(/[\r\n]+/u)
    .map((text) => text.trim())
    .findLast((text) => text !== '' && !text.startsWith('Loading IANA'));
  return `${about} gave no console${line === undefined ? '' : `: ${line.slice(0, 200)}`}.`;
}

const solRefusals: readonly (readonly [RegExp, string])[] = [
  [
    /RAKP 2 HMAC is invalid|unauthorized name|unauthorized user/iu,
    'refuses the sign-in: correct user and password of its controller (muster node controller set).',
  ],
  [
    /already active on another session/iu,
    'gives its console to another session now. Wait for that one to end, or end it: muster console --end-other.',
  ],
  [/SOL payload disabled|disabled/iu, 'has serial over LAN turned off: turn it on there.'],
  [/command not found|not found|No such file/iu, 'was not asked: ipmitool is not installed on this server. Install the package ipmitool.'],
  [/Get Auth Capabilities error|Unable to establish/iu, 'does not answer: is its address right, is it on, does it speak IPMI over LAN?'],
];

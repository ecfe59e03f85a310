/** What went wrong, in one word; `exitStatus` gives the status each ends the program with. */
export type AgentErrorCode = 'failed' | 'usage' | 'refused' | 'untrusted' | 'unreachable';

const exitStatuses: Readonly<Record<AgentErrorCode, number>> = { failed: 1, usage: 2, refused: 3, untrusted: 4, unreachable: 5 };

/** An error of the agent whose message says what happened and what to do next. Its message never carries a secret. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AgentError';
    this.code = code;
  }

  /** 1 failed, 2 wrong call or configuration, 3 refused by the server, 4 authority not trusted, 5 no server answers. */
  get exitStatus(): number {
    return exitStatuses[this.code];
  }
}

/** The message of anything thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s+/gu, ' ').trim();
}

/** The system's code of an error (`ENOENT`, `ECONNREFUSED`, ...), or undefined. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

import { StoreUnavailable } from './errors.ts';

type Fields = { readonly code?: unknown; readonly severity?: unknown; readonly constraint?: unknown; readonly message?: unknown };

const fieldsOf = (error: unknown): Fields => (typeof error === 'object' && error !== null ? error : {});

/** The SQLSTATE of PostgreSQL or the code of the operating system, where the error has one. */
export function codeOf(error: unknown): string | undefined {
  const { code } = fieldsOf(error);
  return typeof code === 'string' ? code : undefined;
}

/** The constraint that refused a row, where that is what happened. */
export function violatedConstraint(error: unknown): string | undefined {
  const { constraint } = fieldsOf(error);
  return codeOf(error)?.startsWith('23') === true && typeof constraint === 'string' ? constraint : undefined;
}

/** Whether the transaction lost against another one and had no effect: it can be run again at once. */
export const lostToAnother = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error) ?? '');

/** Whether a change was refused because the database takes none: a copy, or a connection for reading alone. */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === '25006';

/**
 * SQLSTATE classes and codes of conditions that pass: connection, resources, shutdown, standby, time-out, system error
 * (PostgreSQL manual, appendix "PostgreSQL Error Codes").
 */
const passingStates = /^(?:08...|53...|57P0.|57014|58...|25006|40001|40P01|55P03|28...|3D000)$/u;
const passingCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
]);
/** What the driver itself says when a connection is lost or late; these errors carry no code. */
const passingMessages =
  /^(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|Called end on pool|driver has already been destroyed|Postgres connection has been discarded)/u;

/** The server has ended the session with this error, or never let it begin. */
const isFatal = (error: unknown): boolean => ['FATAL', 'PANIC'].includes(String(fieldsOf(error).severity));

/** Whether the error says that the database is away or cannot work now. */
export function isPassing(error: unknown): boolean {
  if (isFatal(error)) return true;
  const code = codeOf(error);
  if (code !== undefined) return passingStates.test(code) || passingCodes.has(code);
  const { message } = fieldsOf(error);
  return typeof message === 'string' && passingMessages.test(message);
}

/** Whether the connection the error came from is of no further use. */
export function endsConnection(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined || isFatal(error)) return isPassing(error);
  return passingCodes.has(code) || /^(?:08...|57P0.)$/u.test(code);
}

/** The error as the store's callers see it: `StoreUnavailable` for what passes, anything else unchanged. */
export function storeError(error: unknown): unknown {
  if (!isPassing(error)) return error;
  return new StoreUnavailable(
    `The database cannot be used now (${String(fieldsOf(error).message)}). Muster tries again; if this lasts, look at the database's log.`,
    {
      cause: error,
    },
  );
}

/** The server cannot start, or cannot go on. The message is one line for the person who started it: what, why, the way out. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

const portReasons: Partial<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already. Is another Muster running?',
  EADDRNOTAVAIL: 'this machine has no such address.',
  EACCES: 'this user may not listen on a port below 1024.',
  ENOTFOUND: 'the name is not known.',
};

/** Turns the failure to listen on an address into one clear line. */
export function listenError(error: unknown, what: string, host: string, port: number, key: string): unknown {
  const reason = portReasons[codeOf(error)];
  if (reason === undefined) return error;
  return new StartError(`Port ${port} on ${host} for ${what} cannot be opened: ${reason} Set another one: ${key} in the configuration.`, {
    cause: error,
  });
}

const socketReasons: Partial<Record<string, string>> = {
  // libuv says so for a folder that is missing, too.
  EACCES: 'its folder is not there, or this user may not write in it. Mend that',
  EPERM: 'this user may not write in its folder. Mend that',
  EADDRINUSE: 'another server has just opened it. Stop one of them',
};

/** Turns the failure to open the Unix socket into one clear line. */
export function socketError(error: unknown, path: string): unknown {
  const reason = socketReasons[codeOf(error)];
  if (reason === undefined) return error;
  return new StartError(`The socket ${path} cannot be opened: ${reason}, or set another path: socket.path in the configuration.`, {
    cause: error,
  });
}

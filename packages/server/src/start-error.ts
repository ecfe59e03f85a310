/** The server cannot start. The message is one line for the person who started it: what, why, the way out. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Turns the failure to listen on an address into one clear line. */
export function listenError(error: unknown, what: string, host: string, port: number, key: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = {
    EADDRINUSE: 'something else listens there already. Is another Muster running?',
    EADDRNOTAVAIL: 'this machine has no such address.',
    EACCES: 'this user may not listen on a port below 1024.',
  }[String(code)];
  if (reason === undefined) return error;
  return new StartError(`Port ${port} on ${host} for ${what} cannot be opened: ${reason} Set another one: ${key} in the configuration.`, { cause: error });
}

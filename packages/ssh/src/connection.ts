import type { Duplex } from 'node:stream';
import { type ExecOptions, type ExecResult, execute } from './exec.ts';
import type { Link } from './link.ts';
import { type AskOptions, askPlainly, type AskResult } from './plain-exec.ts';
import type { HostIdentity, SshError } from './ssh-error.ts';
import { SudoAccess, type SudoSettings } from './sudo-access.ts';
import { uploadFile, type UploadOptions, type UploadResult } from './upload.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';
import type { UploadSource } from './upload-source.ts';

/** The one connection to a host. Commands and uploads may run at the same time; more than eight wait in line. */
export interface Connection {
  readonly host: HostIdentity;
  readonly user: string;
  /** The key by which the host was known, as `type base64`. */
  readonly hostKey: string;
  /** Resolves when the connection is gone: with the cause, or undefined after {@link close}. Never rejects. */
  readonly closed: Promise<SshError | undefined>;
  /**
   * Runs a shell script (a string) or a program with arguments (a list) and resolves however it ended: look at `exitCode`.
   * The script reaches the host on standard input, so its process list shows nothing of it; it runs in `/bin/sh`, whatever
   * the login shell, with `LC_ALL=C` and the usual folders in PATH.
   *
   * Rejects with an `SshError` when the end is not known (connectionLost, timeout, aborted) or it never began
   * (channelRefused, shellUnusable, badInput, one of the sudo kinds). A time-out and an abort stop the command on the host.
   */
  exec(command: string | readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /**
   * Sends an exec request as it is: for a host that answers a key with one program of its own (a forced command), which reads the
   * request as its argument. Resolves however it ended. Rejects as {@link exec}; after a time-out what it began may go on.
   */
  ask(request: string, options: AskOptions): Promise<AskResult>;
  /**
   * Puts content (bytes, a local path, or a source shared by hosts) into a file on the host: to a new file beside it,
   * verified there by SHA-256, then renamed. Does nothing when the file is there already. A symbolic link is replaced.
   *
   * Rejects with uploadFailed, diskFull, readOnlyFileSystem, badInput, or as {@link exec}; the old content is then untouched.
   */
  upload(from: Uint8Array | string | UploadSource, remotePath: string, options: UploadOptions): Promise<UploadResult>;
  /** A TCP stream from the host to another address; give it to `openConnection` as `stream` to reach a host behind this one. */
  openStream(address: string, port: number): Promise<Duplex>;
  /**
   * Runs a program with a terminal, as `ssh -t` would; an empty request is the login shell. For people who sit at it: nothing is framed or
   * bounded. Rejects with channelRefused (also where sshd gives no terminal) or connectionLost.
   */
  openTerminal(request: string, options: TerminalOptions): Promise<Terminal>;
  /** Ends the connection; what still runs is lost. Idempotent, takes a second at most. */
  close(): Promise<void>;
}

/** Makes a connection of a logged-in link. */
export function createConnection(link: Link, user: string, sudo: SudoSettings): Connection {
  const access = new SudoAccess(link.host, user, sudo);
  const exec: Connection['exec'] = (command, options = {}) => execute(link, access, command, options);
  return {
    host: link.host,
    user,
    hostKey: link.hostKey,
    closed: link.closed,
    exec,
    ask: (request, options) => askPlainly(link, request, options),
    upload: (from, remotePath, options) => uploadFile(link.host, exec, from, remotePath, options),
    openStream: (address, port) => link.openStream(address, port),
    openTerminal: (request, options) => link.openTerminal(request, options),
    close: () => link.close(),
  };
}

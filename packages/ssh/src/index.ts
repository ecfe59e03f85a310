export type { Connection } from './connection.ts';
export type { ExecOptions, ExecResult } from './exec.ts';
export { fanOut, type FanOutResult } from './fan-out.ts';
export type { OutputChunk } from './framed-run.ts';
export { fingerprint } from './host-key.ts';
export {
  createHostKeyChecker,
  type CheckedHost,
  type HostKeyChecker,
  type HostKeyCheckerOptions,
  type HostKeyPolicy,
  type HostKeyQuestion,
  type HostKeyVerdict,
} from './host-key-checker.ts';
export type { HostLogin } from './host-login.ts';
export { HostOpener, type HostOpenerOptions } from './host-opener.ts';
export { KeyRing, type KeyRingOptions, type SecretQuestion } from './key-ring.ts';
export { type ConnectOptions, openConnection } from './open-connection.ts';
export { knownHostsName } from './known-hosts-line.ts';
export { makeOwnKey, openSshFormOf, type OwnKey, publicKeyOf } from './own-key.ts';
export { pinnedHostKeys } from './pinned-host-keys.ts';
export type { AskOptions, AskResult } from './plain-exec.ts';
export type { CommandInput } from './send-input.ts';
export { shellQuote, shellQuoteAll } from './shell-quote.ts';
export { describeHost, type HostIdentity, isSshError, SshError, type SshErrorKind } from './ssh-error.ts';
export type { SshConfigOptions } from './ssh-config.ts';
export type { SshTarget } from './ssh-target.ts';
export type { SudoSettings } from './sudo-access.ts';
export type { Terminal, TerminalOptions, TerminalSize } from './terminal.ts';
export { type Transport, transports } from './transport.ts';
export type { Taking, UploadOptions, UploadResult } from './upload.ts';
export type { UploadPeer } from './upload-script.ts';
export { bufferSource, fileSource, sourceOfFile, type UploadSource } from './upload-source.ts';

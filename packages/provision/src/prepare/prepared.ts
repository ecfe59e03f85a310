/** A file that a host should have, whole. */
export type PreparedFile = {
  readonly path: string;
  readonly content: Buffer;
  /** Octal digits, as `stat` prints them: `644`. */
  readonly mode: string;
  /** A name or a number. */
  readonly owner: string;
  readonly group: string;
  /** Units to restart when it changes. */
  readonly restarts: readonly string[];
};

/** A systemd unit in the state it should have; undefined leaves that as it is. */
export type PreparedService = {
  readonly unit: string;
  readonly state: 'started' | 'stopped' | undefined;
  readonly enabled: boolean | undefined;
};

/** A kernel parameter: its path below /proc/sys, and its value with single spaces. */
export type PreparedSysctl = { readonly path: string; readonly value: string };

/** Everything that the inventory says a host should have. */
export type Prepared = {
  readonly packages: readonly string[];
  /** Also the two files that bring parameters and modules back at boot. */
  readonly files: readonly PreparedFile[];
  readonly services: readonly PreparedService[];
  readonly sysctls: readonly PreparedSysctl[];
  readonly modules: readonly string[];
};

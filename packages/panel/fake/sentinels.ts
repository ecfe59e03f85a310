/** Sentinel inputs: what to send to see an error. */
export const sentinels = {
  /** Signs in as many times as one likes. */
  goodToken: 'good-token',
  /** A search by this name fails inside the server. */
  failingName: 'fail-500',
  /** With this as the current password the server is busy. */
  busyPassword: 'too-many-requests',
  /** The code of an authenticator. */
  code: '123456',
};

import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { refuseUpgrade } from './answers.ts';

/** A connection whose other side never hangs up. */
function stubbornConnection(): { readonly socket: Duplex; readonly heard: () => string } {
  let text = '';
  const socket = new Duplex({
    allowHalfOpen: true,
    autoDestroy: false,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return { socket, heard: () => text };
}

describe('an upgrade that is turned down', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is answered with the reason', () => {
    const { socket, heard } = stubbornConnection();
    refuseUpgrade(socket, 403, 'the certificate is revoked');
    expect(heard()).toMatch(/^HTTP\/1\.1 403 Refused\r\n/u);
    expect(heard()).toContain('{"message":"the certificate is revoked"}');
  });

  it('is cut when the other side keeps the connection', () => {
    const { socket } = stubbornConnection();
    refuseUpgrade(socket, 404, 'not found');
    expect(socket.destroyed).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(socket.destroyed).toBe(true);
  });
});

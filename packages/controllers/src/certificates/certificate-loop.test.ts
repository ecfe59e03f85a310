import type { CertificateTable } from '@muster/store';
import { FakeClock, KeptLog } from '@muster/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CertificateLoop } from '../index.ts';

/** Counts what is asked of it; fails while told to. */
class FakeCertificates implements Pick<CertificateTable, 'retireDue' | 'announceNearEnd'> {
  failure: Error | undefined;
  retired = 0;
  readonly announced: number[] = [];

  async retireDue(): Promise<[]> {
    await this.#answer();
    this.retired += 1;
    return [];
  }

  async announceNearEnd(share: number): Promise<[]> {
    await this.#answer();
    this.announced.push(share);
    return [];
  }

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
  }
}

function fixture() {
  const clock = new FakeClock();
  const log = new KeptLog();
  const certificates = new FakeCertificates();
  const loop = new CertificateLoop({ store: { certificates: certificates as FakeCertificates & CertificateTable }, clock, log });
  return { clock, log, certificates, loop };
}

afterEach(() => void vi.useRealTimers());

describe('the certificate loop', () => {
  it('looks each second for certificates that retire, and each minute for those that near their end', async () => {
    const { clock, certificates, loop } = fixture();
    for (let second = 0; second < 121; second += 1) {
      await loop.tick();
      clock.pass(1000);
    }
    expect(certificates.retired).toBe(121);
    expect(certificates.announced).toEqual([0.2, 0.2, 0.2]);
  });

  it('goes on by itself, one round at a time, and after a failure as if nothing had been', async () => {
    vi.useFakeTimers();
    const { certificates, log, loop } = fixture();
    certificates.failure = new Error('away');
    loop.start();
    await vi.advanceTimersByTimeAsync(2500);
    expect(certificates.retired).toBe(0);
    expect(log.lines.map((line) => line.level)).toEqual(['warn', 'warn']);
    certificates.failure = undefined;
    await vi.advanceTimersByTimeAsync(1000);
    expect([certificates.retired, certificates.announced.length]).toEqual([1, 1]);
    await loop.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(certificates.retired).toBe(1);
  });

  it('announces what it could not announce a second later', async () => {
    const { certificates, loop } = fixture();
    vi.spyOn(certificates, 'announceNearEnd').mockRejectedValueOnce(new Error('away'));
    await expect(loop.tick()).rejects.toThrow('away');
    await loop.tick();
    expect(certificates.announced).toEqual([0.2]);
  });
});

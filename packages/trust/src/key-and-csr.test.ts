import { createPrivateKey, createPublicKey } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { TestFolder, nodeName, openssl } from '../test/authority-fixture.ts';
import { makeKeyAndCsr } from './key-and-csr.ts';
import { csrFacts } from './read-csr.ts';

describe('a key and its request', () => {
  it('are read and verified by openssl, and ask for the name only', async () => {
    const { csrPem } = await makeKeyAndCsr({ nodeName });
    using folder = new TestFolder();
    const { output, ok } = openssl(['req', '-in', folder.file('request.pem', csrPem), '-verify', '-noout', '-text']);
    expect(ok).toBe(true);
    expect(output).toMatch(/verify OK/u);
    expect(output).toContain(`Subject: CN = ${nodeName}\n`);
    expect(output).toMatch(
      new RegExp(
        `Requested Extensions:\\s+X509v3 Subject Alternative Name: \\n\\s+DNS:${nodeName}\\n\\s+Signature Algorithm: ecdsa-with-SHA256`,
        'u',
      ),
    );
  });

  it('belong together, and are new each time', async () => {
    const [one, two] = await Promise.all([makeKeyAndCsr({ nodeName }), makeKeyAndCsr({ nodeName })]);
    const key = createPrivateKey(one.keyPem);
    expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const request = await csrFacts(one.csrPem);
    const { spkiSha256 } = await csrFacts(two.csrPem);
    expect(spkiSha256).not.toBe(request.spkiSha256);
    expect(createPublicKey(key).export({ format: 'der', type: 'spki' })).toHaveLength(91);
  });

  it.each(['', 'Worker1', 'a b', 'x,CN=y', 'a'.repeat(64), `${'a.'.repeat(127)}a`, 'worker1\n'])(
    'are not made for the name %j',
    async (name) => {
      await expect(makeKeyAndCsr({ nodeName: name })).rejects.toMatchObject({ code: 'invalid-name' });
    },
  );

  it('load no schema library: agents start this under a memory budget', () => {
    const program = `
      import { registerHooks } from 'node:module';
      const urls = [];
      registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
      await import(${JSON.stringify(new URL('key-and-csr.ts', import.meta.url).href)});
      process.stdout.write(urls.filter((url) => url.includes('/zod/')).join(' ') + ' loaded ' + (urls.length > 5));`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })).toBe(' loaded true');
  });
});

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMuster } from '../test/run-muster.ts';
import { readVaultPassword, vaultOpener } from './open-vault.ts';

/* Made by ansible-vault 2.14 with the password "correct horse". */
const value = `$ANSIBLE_VAULT;1.1;AES256
63343730316637313134333465393238646138386365386537376639616639393039303539396436
3035323637313632633733366532613963626132613036390a323438393137386264623239363066
31643733316630303465323761303566353538633530653461313536386433653834343939326665
3834346661633762620a323338303936343961363237646464623462326662646231623965623361
6161`;
/** `a: 1` and `ansible_become_password: hush`. */
const file = `$ANSIBLE_VAULT;1.1;AES256
33306131313935333537343963316464643939376266653532363437343038353364393232383730
3431646339633538393036366363313632613765633766360a376337313934336333656538376330
33633863316538633839646435646638383438386430623962373461346162343362333734636563
3565653536363133620a643135383630313738393433343065356234653864353338343338306163
32393162326163633239393437383432636132323663643230343139326339613631643965393031
3838386461323933313265373666666136663032643930616439
`;
/** Marked with a name of its password. */
const named = `$ANSIBLE_VAULT;1.2;AES256;dev
64323035383734316532376265373463383030633038663965373534663930623939376636383363
3262663263306333356536643261646261353137623932640a346630303438376265316335373762
63623861373964386166633030326533666334383839646439623961303261613737323437633566
6630643932363837640a663866646466623666353963626537313466383066343038316366383761
3565`;

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-vault-'));
  writeFileSync(at('right'), 'correct horse\n');
  writeFileSync(at('wrong'), 'battery staple\n');
  writeFileSync(at('empty'), '\n');
  writeFileSync(at('program'), '#!/bin/sh\necho correct horse\n');
  chmodSync(at('program'), 0o755);
  writeFileSync(at('hosts'), 'h1\n');
  writeFileSync(at('secret'), file);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what ansible-vault encrypted', () => {
  it('is opened by the first password that fits', () => {
    const open = vaultOpener([at('wrong'), at('right')].map(readVaultPassword));
    expect([open(value), open(file), open(named)]).toEqual(['S3cret é', 'a: 1\nansible_become_password: hush\n', 'x']);
    expect(vaultOpener([readVaultPassword(at('program'))])(`${value}\n`)).toBe('S3cret é');
  });

  it('stays closed for another password, and damaged', () => {
    expect([vaultOpener([])(value), vaultOpener([readVaultPassword(at('wrong'))])(value)]).toEqual([undefined, undefined]);
    const open = vaultOpener([readVaultPassword(at('right'))]);
    for (const damaged of [
      '',
      'text',
      value.replace('6161', '6162'),
      value.slice(0, 100),
      value.replace('AES256', 'AES'),
      value.replace(';1.1', ';2.0'),
    ]) {
      expect(open(damaged)).toBeUndefined();
    }
  });

  it('wants passwords that can be read', () => {
    expect(() => readVaultPassword(at('nope'))).toThrow(/^The vault password cannot be read from .*nope: ENOENT/u);
    expect(() => readVaultPassword(at('empty'))).toThrow(/empty is empty\.$/u);
  });

  it('is a variable like others with --vault-password-file', async () => {
    const list = ['inventory', '-i', at('hosts'), '-e', `@${at('secret')}`, '--host', 'h1'];
    expect(JSON.parse((await runMuster(...list, '--vault-password-file', at('right'))).stdout)).toEqual({
      a: 1,
      ansible_become_password: 'hush',
    });
    const { code, stderr } = await runMuster(...list, '--vault-password-file', at('wrong'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('no password was given that opens it') as string]);
  });
});

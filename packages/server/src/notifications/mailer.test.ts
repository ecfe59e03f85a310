import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { MailReceiver } from '../../test/mail-receiver.ts';
import { selfSigned } from '../../test/self-signed.ts';
import { freePort } from '../../test/server-fixture.ts';
import { Config } from '../config/config.ts';
import { type Mail, makeMailer } from './mailer.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-mail-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { key, cert, certPath } = selfSigned(folder);

let receiver: MailReceiver | undefined;
afterEach(() => receiver?.close());

const mail: Mail = { id: 'd-1', to: 'ada@example.org', subject: '[Muster] node01 is bad', text: 'ä\n.\nend\n' };
const never = new AbortController().signal;

/** A mailer for the receiver, which listens on 127.0.0.1. */
function mailerFor(port: number, rest: Partial<Config['mail']> = {}) {
  const mailer = makeMailer(
    Config.parse({ mail: { host: '127.0.0.1', port, from: 'Muster <muster@example.org>', tls: 'off', ...rest } }).mail,
  );
  if (mailer === undefined) throw new Error('no mailer');
  return mailer;
}

describe('a mail', () => {
  it('arrives as it was written, with an id that stays', async () => {
    receiver = await MailReceiver.open();
    expect(await mailerFor(receiver.port).send(mail, never)).toEqual({ told: true });
    const [got] = receiver.mails;
    expect(got).toMatchObject({ to: ['ada@example.org'], from: 'muster@example.org', isEncrypted: false });
    expect(got?.raw).toContain('Subject: [Muster] node01 is bad\r\n');
    expect(got?.raw).toContain('From: Muster <muster@example.org>\r\n');
    expect(got?.raw).toContain('Message-ID: <d-1@example.org>\r\n');
    expect(got?.raw).toContain('Auto-Submitted: auto-generated\r\n');
  });

  it.each(['starttls', 'implicit'] as const)('goes over TLS (%s), with a password out of a file', async (tls) => {
    const passwords: string[] = [];
    receiver = await MailReceiver.open({
      key,
      cert,
      secure: tls === 'implicit',
      authOptional: false,
      onAuth: ({ username, password }, _session, done) => {
        passwords.push(`${username}:${password}`);
        done(null, { user: username });
      },
    });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'first\n');
    const mailer = mailerFor(receiver.port, { tls, caFile: certPath, user: 'muster', passwordFile });
    expect(await mailer.send(mail, never)).toEqual({ told: true });
    writeFileSync(passwordFile, 'second');
    expect(await mailer.send(mail, never)).toEqual({ told: true });
    expect(passwords).toEqual(['muster:first', 'muster:second']);
    expect(receiver.mails).toMatchObject([{ isEncrypted: true, user: 'muster' }, { isEncrypted: true }]);
  });

  it('is not sent to a server that is not trusted, or that does not encrypt where it is to', async () => {
    receiver = await MailReceiver.open({ key, cert });
    expect(await mailerFor(receiver.port, { tls: 'starttls' }).send(mail, never)).toMatchObject({ told: false, permanent: false });
    await receiver.close();
    receiver = await MailReceiver.open({ disabledCommands: ['STARTTLS'] });
    expect(await mailerFor(receiver.port, { tls: 'starttls' }).send(mail, never)).toMatchObject({ told: false, permanent: false });
    expect(receiver.mails).toEqual([]);
  });

  it('to a mailbox that is refused for good is refused for good; one that is busy is not', async () => {
    receiver = await MailReceiver.open({
      onRcptTo: ({ address }, _session, done) => {
        done(Object.assign(new Error('not now or ever'), { responseCode: address.startsWith('busy') ? 450 : 550 }));
      },
    });
    const mailer = mailerFor(receiver.port);
    expect(await mailer.send(mail, never)).toMatchObject({ told: false, permanent: true });
    expect(await mailer.send({ ...mail, to: 'busy@example.org' }, never)).toMatchObject({ told: false, permanent: false });
  });

  it('that fails says why, and never the password', async () => {
    receiver = await MailReceiver.open({
      key,
      cert,
      authOptional: false,
      onAuth: (_auth, _session, done) => done(new Error('Authentication failed')),
    });
    const passwordFile = join(folder, 'wrong');
    writeFileSync(passwordFile, 'hunter2hunter2');
    const refused = await mailerFor(receiver.port, { tls: 'starttls', caFile: certPath, user: 'muster', passwordFile }).send(mail, never);
    expect(refused).toMatchObject({ told: false, permanent: false });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
    const missing = await mailerFor(receiver.port, { tls: 'starttls', user: 'muster', passwordFile: '/nowhere/password' }).send(
      mail,
      never,
    );
    expect(missing).toMatchObject({ message: expect.stringContaining('/nowhere/password (ENOENT)') });
    const away = await mailerFor(await freePort()).send(mail, never);
    expect(away).toMatchObject({ told: false, message: expect.stringContaining('ECONNREFUSED') });
  });

  it('that is broken off ends with that', async () => {
    receiver = await MailReceiver.open({ onConnect: () => stopping.abort(new Error('going down')) });
    const stopping = new AbortController();
    await expect(mailerFor(receiver.port).send(mail, stopping.signal)).rejects.toThrow('going down');
  });
});

it('is not there where no mail server is configured', () => expect(makeMailer(Config.parse({}).mail)).toBeUndefined());

describe('the configuration of mail', () => {
  it.each([
    { mail: { host: 'mail.example.org' }, why: 'host and from belong together' },
    { mail: { host: 'm', from: 'a@b', user: 'x' }, why: 'user and passwordFile belong together' },
    { mail: { host: 'm', from: 'a@b', user: 'x', passwordFile: 'y', tls: 'off' }, why: 'not sent over a connection without TLS' },
    { mail: { host: 'm', from: 'a@b\r\nBcc: c@d' }, why: 'must be an address' },
  ])('$why', ({ mail: given, why }) => expect(JSON.stringify(Config.safeParse({ mail: given }).error?.issues)).toContain(why));
});

import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { type Contexts, contextFile, readContexts, writeContexts } from '../../contexts/context-file.ts';
import { readKeyFile } from '../../contexts/find-way.ts';
import { serverUrl } from '../../contexts/server-url.ts';
import { type SignedIn, signInWithKey, type SignInQuestions, signInWithPassword } from '../../contexts/sign-in.ts';
import { trustServer } from '../../contexts/trust-server.ts';
import { printable } from '../../output/printable.ts';
import { askSecret, canAsk } from '../../ssh/ask.ts';
import { askText } from '../../ssh/ask-text.ts';

type Options = { name?: string; fingerprint?: string; email?: string; apiKeyFile?: string; passwordStdin?: boolean };

const examples = `
Examples:
  muster login https://muster.example.org:7420
  muster login https://10.0.0.10:7420 --name lab --fingerprint 4f0c...  --email ada@example.org
  muster login https://10.0.0.10:7420 --api-key-file ~/.muster-key
  printf '%s\\n' "$PASSWORD" | muster login https://10.0.0.10:7420 --email ada@example.org --password-stdin

The first time the server's authority has to be accepted, or named by its fingerprint ("muster status" on the server prints it); from then on a
certificate of any other authority is refused. All commands then speak to this server; "muster context" changes between several.`;

/** `muster login`: trusts a server, signs in to it, and keeps both as a context. */
export function addLoginCommand(program: Command): void {
  program
    .command('login')
    .argument('<url>', 'the server, as people reach its panel: https://HOST:PORT')
    .description('sign in to a server, and use it from now on')
    .option('--name <name>', 'what to call the context (default: host and port)')
    .option('--fingerprint <sha256>', "fingerprint of the server's authority, instead of being asked")
    .option('--email <address>', 'account to sign in with, instead of being asked')
    .option('--api-key-file <path>', 'sign in with the API key in this file')
    .option('--password-stdin', 'read the password from the first line of standard input, a code from the second')
    .addHelpText('after', examples)
    .action(login);
}

async function login(given: string, options: Options): Promise<void> {
  const url = serverUrl(given);
  const path = contextFile(process.env);
  const before = await readContexts(path);
  const name = options.name ?? new URL(url).host;
  if (!/^[\w.:@[\]-]{1,100}$/u.test(name))
    throw new CliError(`"${name}" cannot be the name of a context: letters, digits and . : _ - @ only.`, 2);
  const authorityPem = await trustServer(url, trustOptions(before, name, url, options));
  const signedIn =
    options.apiKeyFile === undefined
      ? await signInWithPassword(url, authorityPem, await questionsOf(url, options))
      : await signInWithKey(url, authorityPem, await readKeyFile(options.apiKeyFile));
  await keep(path, name, { url, authorityPem, credential: signedIn.credential });
  const { session } = signedIn;
  process.stdout.write(
    `Signed in to ${url} as ${printable(session.email ?? session.name)} (${session.role}). The context ${name} is in use.\n`,
  );
}

function trustOptions({ contexts }: Contexts, name: string, url: string, { fingerprint }: Options): Parameters<typeof trustServer>[1] {
  const earlier = contexts[name];
  const accepted = earlier?.url === url ? earlier.authorityPem : null;
  return { ...(fingerprint === undefined ? {} : { fingerprint }), ...(accepted === null ? {} : { acceptedPem: accepted }) };
}

/** Read anew: another command may have written meanwhile, while a person typed. */
async function keep(path: string, name: string, context: { url: string; authorityPem: string | null; credential: SignedIn['credential'] }) {
  const { contexts } = await readContexts(path);
  await writeContexts(path, { current: name, contexts: { ...contexts, [name]: context } });
}

async function questionsOf(url: string, { email, passwordStdin }: Options): Promise<SignInQuestions> {
  if (passwordStdin === true) {
    if (email === undefined) throw new CliError('--password-stdin needs --email.', 2);
    const [password = '', code = ''] = (await text(process.stdin)).split(/\r?\n/u);
    return { email: async () => email, password: async () => password, code: async () => missing(code) };
  }
  if (!canAsk()) throw new CliError('There is nobody to ask for a password: use --api-key-file, or --email with --password-stdin.');
  process.stderr.write(`Signing in to ${url}.\n`);
  return {
    email: async () => email ?? askText('E-mail address'),
    password: () => askSecret('Password'),
    code: () => askSecret('Code of your authenticator, or a recovery code'),
  };
}

function missing(code: string): string {
  if (code === '') throw new CliError('This account has a second factor: give its code on the second line of standard input.');
  return code;
}

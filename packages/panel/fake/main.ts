import { join } from 'node:path';
import { startFakeServer } from './fake-server.ts';
import { sentinels } from './sentinels.ts';
import { account } from './world.ts';

/** The fake by itself, for work on the panel: `node packages/panel/fake/main.ts`, then `vite` or the built panel at its own address. */
const port = Number(process.env['PORT'] ?? 8480);
const fake = await startFakeServer({ port, distFolder: join(import.meta.dirname, '..', 'dist') });
process.stdout.write(`fake server: ${fake.url}/sign-in#token=${sentinels.goodToken}\nor ${account.email} with "${account.password}"\n`);

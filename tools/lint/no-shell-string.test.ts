import { RuleTester } from 'oxlint/plugins-dev';
import { describe, it } from 'vitest';
import { noShellStringRule } from './no-shell-string.ts';

RuleTester.describe = describe;
RuleTester.it = it;
const tester = new RuleTester({ languageOptions: { parserOptions: { lang: 'ts' } } });
const imported = (names: string, code: string): string => `import { ${names} } from 'node:child_process';\n${code}`;

tester.run('no-shell-string', noShellStringRule, {
  valid: [
    imported('spawn', "spawn('ls', ['-l', name]);"),
    imported('execFile', "execFile('ip', ['netns', 'exec', name, 'ping', address], { shell: false });"),
    imported('execSync', "execSync('systemctl daemon-reload');"),
    imported('spawn', "spawn('sh', ['-c', 'echo \"$1\"', 'sh', value]);"),
    imported('spawn', "const script = 'set -e; ' + 'true';\nspawn('bash', ['-ec', script]);"),
    // The script goes in on standard input: nothing is parsed by a shell twice.
    imported('spawn', "spawn('sh', ['-s', '--', value]).stdin.end(`echo ${quoted}`);"),
    imported('spawn', "spawn('psql', ['-c', `select ${value}`]);"),
    imported('spawn', "spawn(postgres, ['-c', `port=${port}`]);"),
    "import { exec } from './exec.ts';\nexec(`ls ${name}`);",
    "const match = pattern.exec(text);\nconst user = { shell: '/bin/bash' };",
  ],
  invalid: [
    { code: imported('exec', 'exec(`ls ${name}`);'), errors: [/'exec' gives a command line/u] },
    { code: imported('execSync', "execSync('ls ' + name);"), errors: [/'execSync'/u] },
    { code: imported('exec as run', 'run(command);'), errors: [/'exec'/u] },
    { code: imported('exec', 'const run = promisify(exec);'), errors: [/'exec'/u] },
    { code: "import * as child from 'node:child_process';\nchild.exec(command);", errors: [/'exec'/u] },
    { code: "import child from 'child_process';\nchild.execSync(`rm ${file}`);", errors: [/'execSync'/u] },
    { code: "import * as child from 'node:child_process';\nhand(child);", errors: [/handed on/u] },
    { code: "const { exec } = await import('node:child_process');", errors: [/at the top/u] },
    { code: "const { exec } = require('child_process');", errors: [/at the top/u] },
    { code: "export { exec } from 'node:child_process';", errors: [/at the top/u] },
    { code: imported('spawn', "spawn('ls', [name], { shell: true });"), errors: [/`shell`/u] },
    { code: imported('spawn', "spawn('ls', [name], { shell: '/bin/bash' });"), errors: [/`shell`/u] },
    { code: imported('spawn', "const options = { 'shell': wanted };\nspawn('ls', [name], options);"), errors: [/`shell`/u] },
    { code: imported('spawn', "spawn('sh', ['-c', `ls ${name}`]);"), errors: [/built from a value/u] },
    { code: imported('spawn', "spawn('/bin/bash', ['-lc', 'ls ' + name]);"), errors: [/built from a value/u] },
    { code: imported('spawn', "spawn('sudo', ['-n', 'sh', '-c', script]);"), errors: [/built from a value/u] },
    { code: "const argv = ['sh', '-c', `ls ${name}`];", errors: [/built from a value/u] },
    { code: "let script = 'a';\nscript += name;\nrun('su', ['-', user, '-c', script]);", errors: [/built from a value/u] },
    { code: "run(shellPath, ['-c', script]);", errors: [/built from a value/u] },
  ],
});

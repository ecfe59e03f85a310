import type { Lab } from '@muster/lab';

/** A script on a host, as root. @throws Error when it fails */
export async function onHost(lab: Lab, host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await lab.run(host, ['sh', '-s'], { input: script, timeoutSeconds: 120 });
  if (code !== 0) throw new Error(`on ${host}: ${script}: ${stderr}`);
  return stdout.trim();
}

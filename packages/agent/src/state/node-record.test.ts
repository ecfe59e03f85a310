import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { readNodeRecord, writeNodeRecord } from './node-record.ts';

const record = { nodeId: 'id', nodeName: 'worker1', servers: ['a:1'] };

it('is read as it was written', async () => {
  const folder = temporaryFolder();
  await writeNodeRecord(folder, record);
  expect(await readNodeRecord(folder)).toEqual(record);
});

it('is undefined where there is none', async () => expect(await readNodeRecord(temporaryFolder())).toBeUndefined());

it.each(['', '{', '[]', 'null', '{"nodeId":1}', '{"nodeId":"a","nodeName":"b","servers":[1]}'])(
  'says what to do when it is damaged: %j',
  async (text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'agent.json'), text);
    await expect(readNodeRecord(folder)).rejects.toThrow(/enrol this node again with muster-agent enroll --force/u);
  },
);

import { expect, it } from 'vitest';
import { noticeOf } from './notice.ts';

const open = { status: 'open', lostAtMs: null } as const;
const lost = { status: 'lost', lostAtMs: 10_000 } as const;
const description = { title: 'T', detail: 'D.', advice: 'A.' };

it('says nothing while all is well, or nobody looks', () => {
  expect(noticeOf({ stream: open, failure: null, copyFromMs: null }, 0)).toBeNull();
  expect(noticeOf({ stream: { status: 'paused', lostAtMs: null }, failure: null, copyFromMs: null }, 0)).toBeNull();
  expect(noticeOf({ stream: { status: 'opening', lostAtMs: null }, failure: null, copyFromMs: null }, 0)).toBeNull();
});

it('waits three seconds before it speaks of a lost stream', () => {
  expect(noticeOf({ stream: lost, failure: null, copyFromMs: null }, 12_999)).toBeNull();
  expect(noticeOf({ stream: lost, failure: null, copyFromMs: null }, 13_000)).toMatchObject({ variant: 'warning', dataFromMs: null });
});

it('speaks of a failing server at once, with what to do and the time of what is shown', () => {
  expect(noticeOf({ stream: lost, failure: { description, dataUpdatedAtMs: 9_000 }, copyFromMs: null }, 10_000)).toEqual({
    variant: 'danger',
    title: 'T',
    detail: 'D. A.',
    dataFromMs: 9_000,
  });
});

it('gives no age where nothing is shown', () => {
  expect(noticeOf({ stream: open, failure: { description, dataUpdatedAtMs: 0 }, copyFromMs: null }, 10_000)).toMatchObject({
    dataFromMs: null,
  });
});

it('says that a copy is read, and of when, but first that the server fails', () => {
  const copyFromMs = 5_000;
  expect(noticeOf({ stream: lost, failure: null, copyFromMs }, 20_000)).toMatchObject({
    variant: 'warning',
    title: 'No database takes writes now',
    dataFromMs: 5_000,
  });
  expect(noticeOf({ stream: open, failure: { description, dataUpdatedAtMs: 9_000 }, copyFromMs }, 10_000)).toMatchObject({ title: 'T' });
});

import { describe, expect, it } from 'vitest';
import { joined, left, nobodyAtConsole, type Pen, taken, typed } from './pen.ts';

const viewer = (id: string, readOnly = false) => ({ id, name: `${id}@example.org`, readOnly });
const at = (...ids: readonly string[]): Pen => ids.reduce((pen, id) => joined(pen, viewer(id), false), nobodyAtConsole);

describe('the pen of a console', () => {
  it.each<[string, Pen, ReturnType<typeof viewer>, boolean, string | null]>([
    ['is of the first who comes', nobodyAtConsole, viewer('ada'), false, 'ada'],
    ['stays with him when another comes', at('ada'), viewer('bob'), false, 'ada'],
    ['goes to one who takes it', at('ada'), viewer('bob'), true, 'bob'],
    ['is not of one who only reads', nobodyAtConsole, viewer('ada', true), false, null],
    ['is not taken by one who only reads', at('ada'), viewer('bob', true), true, 'ada'],
    ['is of who comes when it is free', left(at('ada', 'bob'), 'ada'), viewer('eve'), false, 'eve'],
  ])('%s', (_what, pen, who, takes, writer) => {
    const after = joined(pen, who, takes);
    expect([after.writer, after.viewers.at(-1)]).toEqual([writer, who]);
  });

  it('is free when its holder goes, and stays where it is when another goes', () => {
    expect(left(at('ada', 'bob'), 'ada')).toEqual({ viewers: [viewer('bob')], writer: null });
    expect(left(at('ada', 'bob'), 'bob')).toEqual({ viewers: [viewer('ada')], writer: 'ada' });
    expect(left(at('ada'), 'nobody')).toEqual(at('ada'));
  });

  it.each<[string, Pen, string, string | RegExp]>([
    ['writes for its holder', at('ada', 'bob'), 'ada', 'ada'],
    ['is taken by typing when it is free', left(at('ada', 'bob'), 'ada'), 'bob', 'bob'],
    ['does not write for another, who is told whose it is', at('ada', 'bob'), 'bob', /^ada@example\.org writes now/u],
    ['does not write for one who only reads', joined(at('ada'), viewer('bob', true), false), 'bob', /to read only/u],
    [
      'does not write for one who only reads, though it is free',
      joined(nobodyAtConsole, viewer('bob', true), false),
      'bob',
      /to read only/u,
    ],
    ['does not write for one who has gone', left(at('ada'), 'ada'), 'ada', /not at this console/u],
  ])('%s', (_what, pen, id, expected) => {
    const answer = typed(pen, id);
    if (typeof expected === 'string') expect(answer).toEqual({ pen: { ...pen, writer: expected } });
    else expect(answer).toEqual({ refusal: expect.stringMatching(expected) as string });
  });

  it('is taken over on request, also of who holds it himself', () => {
    expect(taken(at('ada', 'bob'), 'bob')).toMatchObject({ pen: { writer: 'bob' } });
    expect(taken(at('ada'), 'ada')).toMatchObject({ pen: { writer: 'ada' } });
    expect(taken(joined(at('ada'), viewer('bob', true), false), 'bob')).toMatchObject({
      refusal: expect.stringContaining('read only') as string,
    });
    expect(taken(at('ada'), 'eve')).toMatchObject({ refusal: expect.stringContaining('not at this console') as string });
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEventReader } from './read-event-stream.ts';

const stream = ': open\n\ndata: {"a":1}\n\nevent: end\ndata: one\ndata: two\n\nid: 7\nretry: 5\n\ndata:no blank\r\n\r\n';
const messages = [
  { event: 'message', data: '{"a":1}' },
  { event: 'end', data: 'one\ntwo' },
  { event: 'message', data: 'no blank' },
];

it('takes a stream apart', () => expect(createEventReader()(stream)).toEqual(messages));

it('takes it apart alike however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.toSorted((left, right) => left - right), stream.length];
      const read = createEventReader();
      const found = places.slice(1).flatMap((until, at) => read(stream.slice(places[at], until)));
      expect(found).toEqual(messages);
    }),
  );
});

it('gives nothing before a message is whole', () => {
  const read = createEventReader();
  expect(read('data: x')).toEqual([]);
  expect(read('\n')).toEqual([]);
  expect(read('\n')).toEqual([{ event: 'message', data: 'x' }]);
});

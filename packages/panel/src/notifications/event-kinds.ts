import { Event } from '@muster/api';
import { sentenceOf } from '../ui/format.ts';

/** Every kind of event, by its name for people. */
export const eventKinds = Event.shape.kind.options
  .map((kind) => ({ kind, text: sentenceOf(kind) }))
  .toSorted((left, right) => left.text.localeCompare(right.text, 'en'));

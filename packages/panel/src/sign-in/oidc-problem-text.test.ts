import { expect, it } from 'vitest';
import { oidcProblemText } from './oidc-problem-text.ts';

it.each([
  ['#problem=denied', 'The identity provider did not let you in.'],
  ['#problem=shut-out', 'This account is disabled. Ask an administrator of this installation.'],
])('%s is said in words', (hash, text) => expect(oidcProblemText(hash)).toBe(text));

it.each(['', '#', '#token=x', '#problem=', '#problem=Your+account+was+stolen%2C+call+this+number'])('%s says nothing', (hash) =>
  expect(oidcProblemText(hash)).toBeNull(),
);

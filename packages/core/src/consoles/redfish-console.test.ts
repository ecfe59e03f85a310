import { describe, expect, it } from 'vitest';
import { consoleOfRedfish, type RedfishConsole, type RedfishDocument } from './redfish-console.ts';

const system = (SSH?: object, IPMI?: object): RedfishDocument => ({ SerialConsole: { ...(SSH && { SSH }), ...(IPMI && { IPMI }) } });
const manager = (ConnectTypesSupported: string[], ServiceEnabled = true): RedfishDocument => ({
  SerialConsole: { ServiceEnabled, ConnectTypesSupported },
});

describe('the console of a Redfish service', () => {
  it.each<[string, RedfishDocument[], RedfishConsole]>([
    [
      'is SSH of the system, with its port and command',
      [system({ ServiceEnabled: true, Port: 2200, ConsoleEntryCommand: 'console 1' }, { ServiceEnabled: true })],
      { by: 'ssh', port: 2200, command: 'console 1' },
    ],
    ['is IPMI where SSH is off', [system({ ServiceEnabled: false }, { ServiceEnabled: true })], { by: 'ipmi', port: 623 }],
    ['is what the manager offers', [{}, manager(['SSH', 'IPMI'])], { by: 'ssh', port: 22, command: '' }],
    [
      'is the manager’s SSH before the system’s IPMI',
      [system(undefined, { ServiceEnabled: true }), manager(['SSH'])],
      { by: 'ssh', port: 22, command: '' },
    ],
    ['is IPMI where the manager has no SSH', [manager(['Telnet', 'IPMI'])], { by: 'ipmi', port: 623 }],
    ['is none where it is turned off', [manager(['SSH', 'IPMI'], false)], { reason: 'has its serial console turned off' }],
    ['is none where there is only Telnet', [manager(['Telnet'])], { reason: 'offers no serial console by SSH or IPMI' }],
    ['is none where nothing is said', [{}, { SerialConsole: null }], { reason: 'offers no serial console by SSH or IPMI' }],
  ])('%s', (_what, documents, expected) => expect(consoleOfRedfish(documents)).toEqual(expected));
});

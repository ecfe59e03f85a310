/** Of a Redfish manager or system, what says how its console is reached (DMTF DSP0268: Manager and ComputerSystem). */
export type RedfishDocument = {
  readonly Members?: readonly { readonly '@odata.id'?: string }[];
  readonly SerialConsole?: RedfishSerialConsole | null;
};
type RedfishWay = { readonly ServiceEnabled?: boolean; readonly Port?: number; readonly ConsoleEntryCommand?: string | null };
type RedfishSerialConsole = {
  /** Of a system. */
  readonly SSH?: RedfishWay | null;
  readonly IPMI?: RedfishWay | null;
  /** Of a manager. */
  readonly ServiceEnabled?: boolean;
  readonly ConnectTypesSupported?: readonly string[];
};

/** How to go on; `command` is what is asked for after the login, empty for its shell. */
export type RedfishConsole =
  | { readonly by: 'ssh'; readonly port: number; readonly command: string }
  | { readonly by: 'ipmi'; readonly port: number }
  | { readonly reason: string };

/** Which console a service offers: SSH before IPMI, what a system says before what its manager says. Pure. */
export function consoleOfRedfish(documents: readonly RedfishDocument[]): RedfishConsole {
  const consoles = documents.map((document) => document.SerialConsole ?? undefined).filter((one) => one !== undefined);
  const ways = consoles.flatMap(waysOf);
  const best = ways.find(({ by }) => by === 'ssh') ?? ways[0];
  if (best !== undefined) return best;
  const isOff = consoles.some((one) => [one, one.SSH, one.IPMI].some((way) => way?.ServiceEnabled === false));
  return { reason: isOff ? 'has its serial console turned off' : 'offers no serial console by SSH or IPMI' };
}

type Way = Exclude<RedfishConsole, { readonly reason: string }>;

function waysOf({ SSH, IPMI, ServiceEnabled, ConnectTypesSupported = [] }: RedfishSerialConsole): Way[] {
  const ssh: Way = { by: 'ssh', port: SSH?.Port ?? 22, command: SSH?.ConsoleEntryCommand ?? '' };
  const isOn = (way: RedfishWay | null | undefined, name: string) =>
    way?.ServiceEnabled ?? (ServiceEnabled !== false && ConnectTypesSupported.includes(name));
  return [...(isOn(SSH, 'SSH') ? [ssh] : []), ...(isOn(IPMI, 'IPMI') ? [{ by: 'ipmi', port: IPMI?.Port ?? 623 } as const] : [])];
}

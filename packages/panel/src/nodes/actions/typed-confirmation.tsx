import { TypedName } from '../../ui/typed-name.tsx';

/** What has to be typed before something that cannot be taken back: the name of one node, the number of many. */
export const confirmationOf = (names: readonly string[]): string => (names.length === 1 ? (names[0] ?? '') : String(names.length));

type Props = { readonly names: readonly string[]; readonly value: string; readonly onChange: (value: string) => void };

/** Asks for the name of the node, or the number of nodes. */
export function TypedConfirmation({ names, value, onChange }: Props) {
  return (
    <TypedName
      label={names.length === 1 ? "Type the node's name to confirm" : 'Type the number of nodes to confirm'}
      name={confirmationOf(names)}
      value={value}
      onChange={onChange}
    />
  );
}

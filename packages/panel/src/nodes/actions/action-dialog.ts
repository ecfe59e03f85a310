import type { Node } from '@muster/api';

/** What every dialog of an action gets: the nodes as they were when it was opened, and the way out. */
export type ActionDialogProps = { readonly nodes: readonly Node[]; readonly onClose: () => void };

import { noShellStringRule } from './no-shell-string.ts';
import { pureCoreRule } from './pure-core.ts';
import { roomsRule } from './rooms.ts';

const plugin = {
  meta: { name: 'muster' },
  rules: { rooms: roomsRule, 'pure-core': pureCoreRule, 'no-shell-string': noShellStringRule },
};

// oxlint asks a plugin for its default export.
export default plugin;

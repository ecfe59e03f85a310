import type { Grant, Role } from '@muster/api';
import { roleIncludes } from '@muster/core';
import { Checkbox, Radio, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { groupsOf } from '../nodes/add/new-node.ts';
import { FormField } from '../ui/form-field.tsx';
import { roles, roleTexts } from './grant-text.ts';

type Props = {
  readonly grant: Grant;
  readonly onGrant: (grant: Grant) => void;
  /** Nobody can give more than this. */
  readonly most: Grant;
};

/** What somebody, or a key, may do: role, nodes, commands. */
export function GrantFields({ grant, onGrant, most }: Props) {
  const [text, setText] = useState((grant.groups ?? most.groups ?? []).join(', '));
  const setGroups = (value: string) => {
    setText(value);
    onGrant({ ...grant, groups: groupsOf(value) });
  };
  return (
    <>
      <fieldset className="mp-choices">
        <legend>Role</legend>
        {roles
          .filter((role: Role) => roleIncludes(most.role, role))
          .map((role) => (
            <Radio
              key={role}
              id={`grant-${role}`}
              name="grant-role"
              label={roleTexts[role].text}
              description={roleTexts[role].meaning}
              isChecked={grant.role === role}
              onChange={() => onGrant({ ...grant, role })}
            />
          ))}
      </fieldset>
      {grant.role !== 'viewer' && (
        <>
          <Checkbox
            id="grant-all"
            label="May act on all nodes"
            isChecked={grant.groups === null}
            isDisabled={most.groups !== null}
            onChange={(_, isAll) => onGrant({ ...grant, groups: isAll ? null : groupsOf(text) })}
          />
          {grant.groups !== null && (
            <FormField id="grant-groups" label="Only on nodes of these groups" hint="worker, gpu">
              {(control) => <TextInput {...control} value={text} spellCheck={false} onChange={(_, value) => setGroups(value)} />}
            </FormField>
          )}
          <Checkbox
            id="grant-exec"
            label="May run commands on nodes"
            isChecked={grant.mayExec}
            isDisabled={!most.mayExec}
            onChange={(_, mayExec) => onGrant({ ...grant, mayExec })}
          />
        </>
      )}
    </>
  );
}

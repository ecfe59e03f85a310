import { Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import UserIcon from '@patternfly/react-icons/dist/esm/icons/user-icon';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type Ref } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { isSignedOut } from '../api/describe-error.ts';
import { sessionQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { roleTexts } from '../people/grant-text.ts';
import { AboutDialog } from './about-dialog.tsx';
import { SetPasswordDialog } from './set-password-dialog.tsx';
import { SignOutProblem } from './sign-out-problem.tsx';
import { chooseTheme, storedTheme, themes } from './theme.ts';

/** Signs out: also when the session had ended already. */
function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async () => {
      await api.signOut({}).catch((error: unknown) => {
        if (!isSignedOut(error)) throw error;
      });
    },
    onSuccess: async () => {
      await navigate(paths.signIn, { replace: true });
      client.clear();
    },
  });
}

/** Who is signed in, and what concerns them alone: password, theme, sign-out; and what this program is. */
export function AccountMenu() {
  const { data: session } = useQuery(sessionQuery);
  const [isOpen, setIsOpen] = useState(false);
  const [theme, setTheme] = useState(storedTheme);
  const [dialog, setDialog] = useState<'password' | 'about' | null>(null);
  const signOut = useSignOut();
  const navigate = useNavigate();
  if (session === undefined || session === null) return null;

  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      variant="plainText"
      icon={<UserIcon />}
      isExpanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      aria-label={`Account: ${session.name}`}
      className="mp-account"
    >
      <span className="mp-account__name">{session.name}</span>
    </MenuToggle>
  );
  return (
    <>
      <Dropdown
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        onSelect={() => setIsOpen(false)}
        toggle={toggle}
        popperProps={{ position: 'right', appendTo: 'inline' }}
      >
        <div className="mp-account__who">
          <strong>{session.name}</strong>
          {session.email !== null && session.email !== session.name && <span>{session.email}</span>}
          <span className="mp-quiet">{roleTexts[session.role].text}</span>
        </div>
        <Divider />
        <DropdownGroup label="Theme">
          <DropdownList>
            {themes.map(({ value, text }) => (
              <DropdownItem
                key={value}
                isSelected={theme === value}
                onClick={() => {
                  chooseTheme(value);
                  setTheme(value);
                }}
              >
                {text}
              </DropdownItem>
            ))}
          </DropdownList>
        </DropdownGroup>
        <Divider />
        <DropdownList>
          <DropdownItem onClick={() => void navigate(paths.account)}>Keys, second factor, e-mail</DropdownItem>
          <DropdownItem onClick={() => setDialog('password')}>{session.hasPassword ? 'Change password' : 'Set password'}</DropdownItem>
          <DropdownItem onClick={() => setDialog('about')}>About Muster</DropdownItem>
          <DropdownItem onClick={() => signOut.mutate()}>Sign out</DropdownItem>
        </DropdownList>
      </Dropdown>
      {dialog === 'password' && <SetPasswordDialog hasPassword={session.hasPassword} onClose={() => setDialog(null)} />}
      {dialog === 'about' && <AboutDialog onClose={() => setDialog(null)} />}
      {signOut.isError && <SignOutProblem error={signOut.error} onClose={signOut.reset} />}
    </>
  );
}

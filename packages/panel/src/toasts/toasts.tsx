import { AlertActionCloseButton, AlertGroup } from '@patternfly/react-core';
import { createContext, use, useCallback, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { Notice } from '../ui/notice.tsx';

/** A short word on what was done, shown for a while in a corner and read out. */
export type Toast = { readonly title: string; readonly link?: { readonly to: string; readonly text: string } };

const ToastContext = createContext<((toast: Toast) => void) | null>(null);

const shownMs = 12_000;
let lastNumber = 0;

/** Holds the toasts of the page. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { number: number })[]>([]);
  const add = useCallback((toast: Toast) => {
    lastNumber += 1;
    const number = lastNumber;
    setToasts((before) => [...before, { ...toast, number }]);
  }, []);
  const remove = (number: number) => setToasts((before) => before.filter((one) => one.number !== number));
  return (
    <ToastContext value={add}>
      {children}
      <AlertGroup isToast isLiveRegion aria-label="What was done">
        {toasts.map(({ number, title, link }) => (
          <Notice
            key={number}
            variant="success"
            title={title}
            timeout={shownMs}
            onTimeout={() => remove(number)}
            actionClose={<AlertActionCloseButton title={title} onClose={() => remove(number)} />}
            {...(link === undefined
              ? {}
              : {
                  actionLinks: (
                    <Link to={link.to} onClick={() => remove(number)}>
                      {link.text}
                    </Link>
                  ),
                })}
          />
        ))}
      </AlertGroup>
    </ToastContext>
  );
}

/** Tells in a corner of the page what was done. */
export function useToast(): (toast: Toast) => void {
  const add = use(ToastContext);
  if (add === null) throw new Error('useToast needs a ToastProvider above it');
  return add;
}

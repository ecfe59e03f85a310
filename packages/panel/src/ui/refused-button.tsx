import { Button, Tooltip, type ButtonProps } from '@patternfly/react-core';

type Props = Pick<ButtonProps, 'variant' | 'size' | 'isDanger' | 'isLoading' | 'children' | 'icon' | 'aria-label'> & {
  /** Why it cannot be pressed; undefined where it can. */
  readonly refusal: string | undefined;
  readonly onClick: () => void;
};

/** A button that, while it cannot be pressed, says why: to the pointer, the keyboard and a screen reader. */
export function RefusedButton({ refusal, onClick, ...props }: Props) {
  const button = <Button {...props} isAriaDisabled={refusal !== undefined} onClick={onClick} />;
  return refusal === undefined ? button : <Tooltip content={refusal}>{button}</Tooltip>;
}

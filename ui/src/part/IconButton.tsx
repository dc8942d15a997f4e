import type { ButtonHTMLAttributes, Ref } from 'react';
import { Tooltip } from 'antd';
import { Icon } from './Icon';
import type { IconName } from './icons';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  label: string;
  /** The key that does the same, shown in the tooltip. */
  hotkey?: string;
  small?: boolean;
  /** Without its tooltip, while what it opened is in view. */
  quiet?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button of one sign, named for screen readers and in a tooltip. */
export function IconButton({ icon, label, hotkey, small, quiet, className, children, ...rest }: Props) {
  const classes = ['icon-button', small ? 'small' : '', className ?? ''].filter(Boolean).join(' ');
  return (
    <Tooltip title={hotkey ? <>{label} <kbd>{hotkey}</kbd></> : label} mouseEnterDelay={0.4} open={quiet ? false : undefined}>
      <button type="button" {...rest} className={classes} aria-label={label}>
        <Icon name={icon} size={small ? 14 : 16} />
        {children}
      </button>
    </Tooltip>
  );
}

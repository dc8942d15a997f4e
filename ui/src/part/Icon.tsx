import { icons, type IconName } from './icons';

interface Props {
  name: IconName;
  /** 16 in the rail and bars, 14 inside small controls, 20 in the phone's bottom bar. */
  size?: 12 | 13 | 14 | 16 | 20;
  className?: string;
}

/** A sign for a kind or a verb. Never alone: the control around it carries the words. */
export function Icon({ name, size = 16, className }: Props) {
  return (
    <svg
      className={className ? `icon ${className}` : 'icon'}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
    >
      {icons[name]}
    </svg>
  );
}

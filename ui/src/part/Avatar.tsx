/** The first letter of a person; Chinese names show the family name. */
export function Avatar({ name, me, small }: { name: string; me?: boolean; small?: boolean }) {
  const classes = ['avatar', me ? 'me' : '', small ? 'small' : ''].filter(Boolean).join(' ');
  return (
    <span className={classes} aria-hidden="true">
      {name.trim().slice(0, 1).toUpperCase()}
    </span>
  );
}

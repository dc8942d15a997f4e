/** The one that opens itself when this one is done: the next in the list, else the one before. */
export function nextOpen(rows: { id: string }[], id: string | undefined): string | null {
  const at = rows.findIndex((row) => row.id === id);
  if (at < 0) return null;
  return (rows[at + 1] ?? rows[at - 1])?.id ?? null;
}

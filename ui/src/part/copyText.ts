/**
 * Puts a text on the clipboard; whether it is there. Browsers give pages the clipboard only over https, and a
 * company's own server is often reached without: there the old way is left, by a field that is selected.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Undefined without https, whatever its type says.
    await (navigator.clipboard as Clipboard | undefined)?.writeText(text);
    if (navigator.clipboard as Clipboard | undefined) return true;
  } catch {
    // Refused, or the page is not in front; the other way may still do.
  }
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('aria-hidden', 'true');
  field.style.cssText = 'position:fixed;top:0;opacity:0';
  // Inside a dialog, for it takes the focus back from whatever is outside.
  (before?.closest('[role=dialog]') ?? document.body).append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

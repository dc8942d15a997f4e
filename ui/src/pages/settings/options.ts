/** An option of a field a company adds. */
export interface OwnOption {
  code: string;
  zh: string;
  en: string;
}

/** One option a line: code=Chinese=English; what is left out is taken from what is there. */
export function optionsOf(text: string): OwnOption[] {
  return text.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
    const [code = '', zh, en] = line.split(/[=＝]/).map((part) => part.trim());
    return { code, zh: zh || code, en: en || zh || code };
  });
}

export function optionLines(options: unknown): string {
  if (!Array.isArray(options)) return '';
  return (options as Partial<OwnOption>[]).map(({ code = '', zh = '', en = '' }) => [code, zh, en].join('=')).join('\n');
}

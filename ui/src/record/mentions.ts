/** Somebody named by "@" in a text. */
export interface Named {
  id: string;
  title: string;
}

export interface Word {
  text: string;
  named?: true;
}

/** The text cut at the names that stand in it, longer names first: 周敏之 is not 周敏. */
export function wordsWith(text: string, people: readonly Named[]): Word[] {
  const names = people.map(({ title }) => `@${title}`).sort((a, b) => b.length - a.length);
  const words: Word[] = [];
  let plain = '';
  for (let at = 0; at < text.length;) {
    const name = names.find((candidate) => text.startsWith(candidate, at));
    if (name) {
      if (plain) words.push({ text: plain });
      words.push({ text: name, named: true });
      plain = '';
      at += name.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  if (plain) words.push({ text: plain });
  return words;
}

/** Ids of those whose name still stands in the text. */
export function namedIn(text: string, people: readonly Named[]): string[] {
  const standing = new Set(wordsWith(text, people).filter(({ named }) => named).map(({ text: name }) => name));
  return people.filter(({ title }) => standing.has(`@${title}`)).map(({ id }) => id);
}

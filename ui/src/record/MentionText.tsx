import { wordsWith, type Named } from './mentions';

/** A text with the names in it marked. */
export function MentionText({ text, people }: { text: string; people?: readonly Named[] }) {
  if (!people?.length) return <>{text}</>;
  return <>{wordsWith(text, people).map((word, index) => (word.named ? <b key={index} className="acc">{word.text}</b> : word.text))}</>;
}

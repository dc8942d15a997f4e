/**
 * A table in another language for the codes of T: every code must be there. A code that ends in `_other`
 * may have its singular beside it, which Chinese does not know.
 */
type Singular<K> = K extends `${infer Stem}_other` ? `${Stem}_one` : never;

export type Translation<T> = Record<keyof T, string> & Partial<Record<Singular<keyof T>, string>>;

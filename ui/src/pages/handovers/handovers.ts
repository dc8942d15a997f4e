export interface Counts {
  handed: number;
  waiting: number;
  late: number;
  accepted: number;
  returned: number;
  converted: number;
  won: number;
  lost: number;
  disqualified: number;
}

export interface HandoverReport {
  days: number;
  total: Counts;
  minutes_to_accept: number | null;
  reasons: { id: string | null; name: string; returned: number }[];
  people: ({ id: string | null; name: string } & Counts)[];
  sources: ({ id: string | null; name: string } & Counts)[];
}

/** The share accepted of those answered; null before any answer. */
export function acceptance({ accepted, returned }: Pick<Counts, 'accepted' | 'returned'>): number | null {
  const answered = accepted + returned;
  return answered > 0 ? accepted / answered : null;
}

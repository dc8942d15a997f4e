/** How a visit came: where it landed, from whom, with which campaign. */
export interface VisitTouch {
  landing?: string;
  referrer?: string;
  utm?: Record<string, string>;
}

/** A browser that is known to be a person's, and how that is known. */
export interface VisitorLink {
  id: string;
  how: string;
  at: string;
  /** Who joined them; empty when the visitor told it himself. */
  actor: string;
  /** Everything this browser did before is the person's too. */
  whole: boolean;
  open: boolean;
  removed_at: string | null;
  first_seen: string;
  last_seen: string;
  device: string;
  first_touch: VisitTouch;
}

const ways = ['form', 'click', 'login', 'manual'] as const;
const devices = ['phone', 'tablet', 'desktop'] as const;

/** The words for how a visitor became known. */
export function identifiedBy(how: unknown) {
  const way = ways.find((candidate) => candidate === how) ?? 'manual';
  return `visitor.by_${way}` as const;
}

/** The words for a kind of device. */
export function deviceNamed(device: string) {
  const known = devices.find((candidate) => candidate === device) ?? 'unknown';
  return `visitor.device_${known}` as const;
}

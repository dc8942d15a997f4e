import { useEffect, useState } from 'react';
import { useFormat } from '@/format/useFormat';

const day = 86_400_000;

/** What is left until an instant: a running clock, days while it is far. */
export function Countdown({ until }: { until: string }) {
  const format = useFormat();
  const [now, setNow] = useState(() => Date.now());
  const left = Date.parse(until) - now;
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), left > day ? 60_000 : 1_000);
    return () => clearInterval(timer);
  }, [left > day]);
  return <span className="nowrap">{left > 2 * day ? format.duration(left / 1000) : format.clock(left)}</span>;
}

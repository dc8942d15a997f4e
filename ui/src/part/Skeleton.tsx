/** Rows as high as the real ones, shown only after 200 ms (by the style). */
export function SkeletonRows({ count = 8 }: { count?: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: count }, (_, row) => (
        <div key={row} className="skeleton-row">
          {[16, 64 + ((row * 37) % 40), 140 + ((row * 53) % 90), 60, 48].map((width, cell) => (
            <i key={cell} style={{ width }} />
          ))}
        </div>
      ))}
    </div>
  );
}

export function SkeletonLines({ count = 4 }: { count?: number }) {
  return (
    <div className="skeleton lines" aria-hidden="true">
      {Array.from({ length: count }, (_, line) => (
        <i key={line} style={{ width: `${90 - ((line * 23) % 45)}%` }} />
      ))}
    </div>
  );
}

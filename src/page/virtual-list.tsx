/** A list of which only the rows in sight are in the document, however long it is. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Rows rendered above and below those in sight. */
const SPARE = 4;

interface Props {
  readonly count: number;
  /** Pixels. */
  readonly rowHeight: number;
  readonly height: number;
  /** The row to be kept in sight; -1: none. */
  readonly current: number;
  readonly label: string;
  readonly class?: string;
  readonly row: (i: number) => ComponentChildren;
}

export const VirtualList = ({ count, rowHeight, height, current, label, row, ...rest }: Props) => {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => {
    const el = box.current;
    if (el === null || current < 0) return;
    const at = current * rowHeight;
    // It may be lower than asked for, where the window is narrow.
    const seen = el.clientHeight;
    if (at < el.scrollTop || at + rowHeight > el.scrollTop + seen)
      el.scrollTop = Math.max(0, at - seen / 2);
  }, [current, rowHeight]);
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE);
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  return (
    <div
      ref={box}
      class={`virtual ${rest.class ?? ''}`}
      style={{ height: `${Math.min(height, count * rowHeight)}px` }}
      onScroll={(e) => setTop(e.currentTarget.scrollTop)}
    >
      <ol
        aria-label={label}
        style={{ height: `${count * rowHeight}px`, paddingTop: `${first * rowHeight}px` }}
      >
        {rows.map((i) => (
          <li
            key={i}
            style={{ height: `${rowHeight}px` }}
            aria-posinset={i + 1}
            aria-setsize={count}
          >
            {row(i)}
          </li>
        ))}
      </ol>
    </div>
  );
};

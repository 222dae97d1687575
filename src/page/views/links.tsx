/** Grants, event channels and device emulation as links between the domains. */
import { byName } from '../player.ts';
import { type DomainLink, type LinkKind, linksOf } from './domain-links.ts';
import type { ViewProps } from './props.ts';

/** Domains in the picture, and links in the list; beyond that the list says how many. */
const MAX_DOMAINS = 32;
const MAX_LINKS = 120;
const SIZE = 420;

const wordsOf = (l: DomainLink): string => {
  switch (l.kind) {
    case 'channel':
      return `${l.count} ends of event channels${l.busy > 0 ? `, ${l.busy} with an event waiting` : ''}`;
    case 'grant':
      return `${l.count} grants of ${l.from} mapped by ${l.to}`;
    case 'emulation':
      return `${l.to} emulates devices of ${l.from}${l.busy > 0 ? `, ${l.busy} requests under way` : ''}`;
  }
};

/** Beside each other, so that links of different kinds between the same two can be told apart. */
const BEND: Readonly<Record<LinkKind, number>> = { channel: 0, grant: 22, emulation: -22 };

export const LinksView = ({ player, recording, step }: ViewProps) => {
  const links = linksOf(player.view);
  const domains = Object.keys(player.view.domains).sort(byName);
  const drawn = domains.slice(0, MAX_DOMAINS);
  const touched = new Set(player.changes().map((c) => c.row));
  const changed = (l: DomainLink): boolean =>
    l.objects.some((o) => touched.has(o) || o.split(' by ').some((part) => touched.has(part)));
  const placeOf = (name: string): readonly [number, number] | null => {
    const i = drawn.indexOf(name);
    if (i < 0) return null;
    const angle = (2 * Math.PI * i) / drawn.length - Math.PI / 2;
    const r = drawn.length === 1 ? 0 : SIZE / 2 - 50;
    return [SIZE / 2 + r * Math.cos(angle), SIZE / 2 + r * Math.sin(angle)];
  };
  const after = recording.jump !== null && step >= recording.jump;
  return (
    <div class="links">
      {domains.length === 0 ? (
        <p class="hint">
          {after
            ? 'xen#2 has not restored any domain yet: what tied them together is in the stream and in their memory only.'
            : 'No domain exists.'}
        </p>
      ) : (
        <svg
          viewBox={`0 0 ${SIZE} ${SIZE}`}
          class="graph"
          role="img"
          aria-label="Domains and links; the list says the same"
        >
          {links.map((l) => {
            const [a, b] = [placeOf(l.from), placeOf(l.to)];
            if (a === null || b === null) return null;
            const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
            const length = Math.hypot(dx, dy) || 1;
            const bend = BEND[l.kind] * 2;
            const mid = [
              (a[0] + b[0]) / 2 - (dy / length) * bend,
              (a[1] + b[1]) / 2 + (dx / length) * bend,
            ];
            const loop = l.from === l.to;
            const d = loop
              ? `M${a[0]} ${a[1]}c-60 -60 60 -60 0 0`
              : `M${a[0]} ${a[1]}Q${mid[0]} ${mid[1]} ${b[0]} ${b[1]}`;
            return (
              <g
                key={`${l.kind} ${l.from} ${l.to}`}
                class={`link ${l.kind}${changed(l) ? ' changed' : ''}`}
              >
                <path d={d}>
                  <title>{`${l.from}, ${l.to}: ${wordsOf(l)}`}</title>
                </path>
                {!loop && (
                  <text
                    x={((a[0] + b[0]) / 2 + (mid[0] ?? 0)) / 2}
                    y={((a[1] + b[1]) / 2 + (mid[1] ?? 0)) / 2}
                  >
                    {l.count}
                  </text>
                )}
              </g>
            );
          })}
          {drawn.map((name) => {
            const at = placeOf(name) ?? [0, 0];
            const row = player.view.domains[name];
            const hue = Number(name.slice(1)) % 8;
            return (
              <g key={name} class={`node hue-${hue}`}>
                <circle cx={at[0]} cy={at[1]} r={24} />
                <text x={at[0]} y={at[1] - 1}>
                  {name}
                </text>
                <text class="type" x={at[0]} y={at[1] + 12}>
                  {String(row?.type ?? '')}
                </text>
              </g>
            );
          })}
        </svg>
      )}
      <ul class="legend">
        <li>
          <span class="swatch stroke channel" aria-hidden="true" /> event channels
        </li>
        <li>
          <span class="swatch stroke grant" aria-hidden="true" /> grants mapped
        </li>
        <li>
          <span class="swatch stroke emulation" aria-hidden="true" /> device emulation
        </li>
      </ul>
      <ul class="lines">
        {links.slice(0, MAX_LINKS).map((l) => (
          <li key={`${l.kind} ${l.from} ${l.to}`} class={changed(l) ? 'changed' : ''}>
            <b>
              {l.from} &ndash; {l.to}
            </b>{' '}
            {wordsOf(l)}
            {changed(l) && ' (changed in this step)'}
          </li>
        ))}
        {links.length > MAX_LINKS && <li>and {links.length - MAX_LINKS} more</li>}
        {links.length === 0 && <li>Nothing ties the domains together at this step.</li>}
      </ul>
    </div>
  );
};

/** A capture as read, in words. */
import type { Imported } from '../check/check-capture.ts';
import { domainLines } from '../check/check-capture.ts';
import { sourceLines } from '../check/sources.ts';
import { counted, grouped, labelled, wrap } from './text.ts';

/** The report of `xen-lu import`: sources, domains, repairs, assumptions. */
export const importText = (capture: string, i: Imported): string => {
  const { image, bootmem, build } = i.host.xen;
  const hex = (n: number): string => `0x${n.toString(16)}`;
  return [
    ...labelled('Capture', capture),
    ...sourceLines(i.reading).flatMap((source, n) => labelled(n === 0 ? 'Read' : '', source)),
    ...labelled(
      'Xen',
      `${build.version}, image at frame ${hex(image.start)} (${counted(image.count, 'frame')}), ` +
        `bootmem at ${hex(bootmem.start)} (${counted(bootmem.count, 'frame')})`,
    ),
    '',
    'Domains',
    ...domainLines(i.host).flatMap((line) => wrap(`  ${line}`, 4)),
    '',
    `Repaired while reading: ${grouped(i.reading.repairs.length)}`,
    ...i.reading.repairs.flatMap((r) => wrap(`  - ${r.file}:${r.line}: "${r.was.trim()}"`, 4)),
    `Sources that disagree: ${grouped(i.contradictions.length)}`,
    ...i.contradictions.flatMap((c) => wrap(`  - ${c.text}`, 4)),
    `Assumed: ${grouped(i.assumed.length)}`,
    ...i.assumed.flatMap((a) => wrap(`  - ${a.text} [${grouped(a.count ?? 1)}]`, 4)),
  ].join('\n');
};

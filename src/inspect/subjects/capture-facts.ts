/** What a capture gave and what had to be assumed, as the page tells it. */
import { domainLines, type Imported } from '../../check/check-capture.ts';
import type { Remark } from '../../check/result.ts';
import { sourceLines } from '../../check/sources.ts';
import { numericKeys } from '../../host/codec.ts';
import type { CaptureFacts } from '../recording/recording.ts';

const remarkText = ({ text, places }: Remark): string => {
  const where = places.map((p) => (p.line === undefined ? p.file : `${p.file}:${p.line}`));
  return where.length === 0 ? text : `${text} (${where.join(', ')})`;
};

export const captureFacts = ({
  reading,
  host,
  assumed,
  contradictions,
}: Imported): CaptureFacts => {
  const lines = domainLines(host);
  return {
    read: sourceLines(reading),
    repaired: reading.repairs.map(
      (r) => `${r.file}:${r.line}: "${r.was.trim()}" read as "${r.readAs.trim()}"`,
    ),
    contradictions: contradictions.map(remarkText),
    assumed: assumed.map(({ text, count, where }) => ({
      text,
      ...(count === undefined ? {} : { count }),
      ...(where === undefined ? {} : { where }),
    })),
    domains: numericKeys(host.xen.domains).map((domid, i) => ({ domid, text: lines[i] ?? '' })),
  };
};

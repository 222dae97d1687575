/**
 * What the bodies of libxc records may say. Each judge gives the lines that
 * say what a record means, and what is wrong with it.
 */
import * as E from 'fp-ts/lib/Either.js';
import { hex } from '../../stream/framing/errors.ts';
import type { Finding, Judgement, Severity } from '../../stream/lint/finding.ts';
import type { BodyContext } from '../../stream/lint/format.ts';
import { decodeP2mFrames, decodePvInfo, decodeTscInfo, p2mFrameCount } from './bodies.ts';
import { decodeHvmContext } from './hvm-context.ts';
import { highHalf, pfnOf, reservedOf, typeOf } from './page-data.ts';
import { hasContents, isKnownType, tableLevel } from './record-types.ts';
import { vcpuContextBytes } from './vcpu-layout.ts';

/** What later records of a stream are judged by. */
export interface LibxcState {
  readonly type: 'pv' | 'hvm';
  /** From X86_PV_INFO; undefined before it. */
  width: 4 | 8 | undefined;
  /** Last pfn of the guest, from X86_PV_P2M_FRAMES. */
  lastPfn: number | undefined;
}

type Judge = (body: DataView, context: BodyContext) => Judgement;

const finding = (severity: Severity, offset: number, rule: string, message: string): Finding => ({
  severity,
  offset,
  rule,
  message,
});

/** A reserved field: zero on save, ignored on restore (F10.3). */
const reserved = (value: number, offset: number, what: string): readonly Finding[] =>
  value === 0
    ? []
    : [finding('warning', offset, 'F10.3', `reserved field of ${what} is ${hex(value)}`)];

export const judgePvInfo =
  (state: LibxcState): Judge =>
  (body, { offset, little }) => {
    const { width, levels } = decodePvInfo(body);
    const findings = [
      ...reserved(body.getUint16(2, little), offset + 2, 'X86_PV_INFO'),
      ...reserved(body.getUint32(4, little), offset + 4, 'X86_PV_INFO'),
    ];
    if (width === 4 || width === 8) state.width = width;
    else findings.push(finding('error', offset, 'F10.6', `guest width ${width}, not 4 or 8`));
    if (levels !== 3 && levels !== 4) {
      findings.push(finding('error', offset + 1, 'F10.6', `${levels} levels, not 3 or 4`));
    } else if (state.width !== undefined && levels !== (width === 8 ? 4 : 3)) {
      const message = `${levels} levels of page tables with words of ${width} bytes`;
      findings.push(finding('error', offset + 1, 'F10.6', message));
    }
    return { notes: [`${8 * width}-bit guest, ${levels} levels of page tables`], findings };
  };

export const judgeP2mFrames =
  (state: LibxcState): Judge =>
  (body, { offset, little }) => {
    const { start, end, frames } = decodeP2mFrames(body, little);
    const notes = [`pfn ${hex(start)} to ${hex(end)}`];
    if (start > end) {
      const message = `P2M from pfn ${hex(start)} to ${hex(end)}`;
      return { notes, findings: [finding('error', offset, 'F10.5', message)] };
    }
    state.lastPfn = Math.max(end, state.lastPfn ?? 0);
    const wanted = state.width === undefined ? undefined : p2mFrameCount(start, end, state.width);
    if (wanted === undefined || wanted === frames.length) return { notes, findings: [] };
    const message = `${frames.length} P2M frames, ${wanted} for those pfns`;
    return { notes, findings: [finding('error', offset + 8, 'F10.5', message)] };
  };

/** vCPU records begin with the vCPU's number; then a blob of Xen's. */
export const judgeVcpu =
  (what: string, blob: (bytes: number) => string | undefined): Judge =>
  (body, { offset, length, little }) => {
    const id = body.getUint32(0, little);
    const findings = [...reserved(body.getUint32(4, little), offset + 4, `vCPU ${what}`)];
    const bytes = length - 8;
    const wrong = blob(bytes);
    if (bytes === 0) findings.push(finding('note', offset, 'F10.3', `vCPU ${id}: no ${what}`));
    else if (wrong !== undefined) findings.push(finding('error', offset + 8, 'F10.3', wrong));
    return { notes: [`vCPU ${id} ${what} context, ${bytes} bytes`], findings };
  };

/** The basic context is a structure of the guest's word size. */
export const basicBlob =
  (state: LibxcState) =>
  (bytes: number): string | undefined => {
    const wanted = state.width === undefined ? bytes : vcpuContextBytes(state.width);
    return bytes === wanted ? undefined : `basic context of ${bytes} bytes, not ${wanted}`;
  };

export const judgeTscInfo: Judge = (body, { offset, little }) => {
  const { mode, khz, nsec, incarnation } = decodeTscInfo(body, little);
  return {
    notes: [`mode ${mode}, ${khz} kHz, ${nsec} ns, incarnation ${incarnation}`],
    findings: reserved(body.getUint32(20, little), offset + 20, 'TSC_INFO'),
  };
};

export const judgeHvmContext: Judge = (body, { offset, little }) => {
  const chain = decodeHvmContext(body, little);
  if (E.isRight(chain)) return { notes: [`${chain.right.length} descriptors`], findings: [] };
  const { message, offset: at } = chain.left;
  return { notes: [], findings: [finding('error', offset + at, 'F10.8', message)] };
};

export const judgeHvmParams: Judge = (body, { offset, length, little }) => {
  const count = body.getUint32(0, little);
  const findings = [...reserved(body.getUint32(4, little), offset + 4, 'HVM_PARAMS')];
  const wanted = 8 + 16 * count;
  if (length !== wanted) {
    const message = `HVM_PARAMS of ${length} bytes, ${wanted} for ${count} parameters`;
    findings.push(finding('error', offset, 'F10.3', message));
  }
  if (count === 0) findings.push(finding('note', offset, 'F10.3', 'no parameter'));
  return { notes: [`${count} parameters`], findings };
};

/** Words of a record that are each reported; the rest is counted. */
const WORDS_REPORTED = 4;

/** PAGE_DATA: at least one page, known types, contents for each that has any. */
export const judgePageData =
  (state: LibxcState) => (head: DataView, list: DataView, context: BodyContext) => {
    const { offset, length, little } = context;
    const count = head.getUint32(0, little);
    const findings = [...reserved(head.getUint32(4, little), offset + 4, 'PAGE_DATA')];
    if (count === 0) findings.push(finding('error', offset, 'F10.4', 'PAGE_DATA of no page'));
    if (8 + 8 * count > length) {
      const message = `PAGE_DATA of ${length} bytes cannot list ${count} pages`;
      findings.push(finding('error', offset, 'F10.4', message));
      return { notes: [], findings, items: 0 };
    }
    let items = 0;
    let wrong = 0;
    for (let index = 0; index < count; index += 1) {
      const high = highHalf(list, index, little);
      const type = typeOf(high);
      if (hasContents(type)) items += 1;
      const bad = wordFinding(state, list, index, offset + 8 + 8 * index, little);
      if (bad === undefined) continue;
      wrong += 1;
      if (wrong <= WORDS_REPORTED || bad.severity === 'error') findings.push(bad);
      // One error is enough to refuse the record: a flood of them says no more.
      if (wrong > WORDS_REPORTED && bad.severity === 'error') break;
    }
    const wanted = 8 + 8 * count + 4096 * items;
    if (length !== wanted && wrong <= WORDS_REPORTED) {
      const message = `PAGE_DATA of ${length} bytes, ${wanted} for ${count} pages (${items} with contents)`;
      findings.push(finding('error', offset, 'F10.4', message));
    }
    return { notes: [], findings, items };
  };

const wordFinding = (
  state: LibxcState,
  list: DataView,
  index: number,
  offset: number,
  little: boolean,
): Finding | undefined => {
  const high = highHalf(list, index, little);
  const type = typeOf(high);
  if (!isKnownType(type)) return finding('error', offset, 'F10.4', `page type ${type}`);
  if (state.lastPfn !== undefined) {
    const pfn = pfnOf(list, index, high, little);
    if (pfn > state.lastPfn) {
      const message = `pfn ${hex(pfn)} beyond the guest's last, ${hex(state.lastPfn)}`;
      return finding('error', offset, 'F10.5', message);
    }
  }
  if (reservedOf(high) !== 0) {
    return finding('warning', offset, 'F10.4', `reserved bits ${hex(reservedOf(high) >>> 20)}`);
  }
  return state.type === 'hvm' && tableLevel(type) > 0
    ? finding('warning', offset, 'F10.4', 'page-table type in an HVM guest')
    : undefined;
};

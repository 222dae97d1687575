/** The records of a libxc stream and their rules, by guest type and version. */
import type { BodyRule, RecordRule } from '../../stream/lint/format.ts';
import {
  basicBlob,
  judgeHvmContext,
  judgeHvmParams,
  judgeP2mFrames,
  judgePageData,
  judgePvInfo,
  judgeTscInfo,
  judgeVcpu,
  type LibxcState,
} from './libxc-judges.ts';
import { LIBXC } from './record-types.ts';

const OPAQUE: BodyRule = { kind: 'opaque' };
const MAX = Number.POSITIVE_INFINITY;

/** Static data: before STATIC_DATA_END, which version 3 brought (F10.5). */
const STATIC = [LIBXC.X86_PV_INFO, LIBXC.X86_CPUID_POLICY, LIBXC.X86_MSR_POLICY] as const;
const VCPU = [
  LIBXC.X86_PV_VCPU_BASIC,
  LIBXC.X86_PV_VCPU_EXTENDED,
  LIBXC.X86_PV_VCPU_XSAVE,
  LIBXC.X86_PV_VCPU_MSRS,
] as const;

const exactly = (name: string, length: number, body: BodyRule): RecordRule => ({
  name,
  minLength: length,
  maxLength: length,
  body,
});

const atLeast = (name: string, minLength: number, body: BodyRule): RecordRule => ({
  name,
  minLength,
  maxLength: MAX,
  body,
});

const whole = (judge: Extract<BodyRule, { kind: 'whole' }>['judge']): BodyRule => ({
  kind: 'whole',
  judge,
});

/** A body that is kept for who asks, but has nothing to be judged. */
const HELD = whole(() => ({ notes: [], findings: [] }));

const pageData = (state: LibxcState): RecordRule => ({
  ...atLeast('PAGE_DATA', 16, {
    kind: 'listed',
    headBytes: 8,
    itemBytes: 4096,
    listBytes: (head, little) => 8 * head.getUint32(0, little),
    judge: judgePageData(state),
  }),
  lengthFact: 'F10.4',
  squash: true,
});

/** Records of every guest. */
const common = (state: LibxcState): readonly [number, RecordRule][] => [
  [LIBXC.END, { ...exactly('END', 0, OPAQUE), lengthFact: 'F10.5', flow: { kind: 'end' } }],
  [LIBXC.PAGE_DATA, pageData(state)],
  [LIBXC.X86_TSC_INFO, exactly('X86_TSC_INFO', 24, whole(judgeTscInfo))],
  [
    LIBXC.TOOLSTACK,
    {
      ...atLeast('TOOLSTACK', 0, OPAQUE),
      remark: { severity: 'warning', rule: 'F10.3', message: 'TOOLSTACK is deprecated' },
    },
  ],
  [LIBXC.VERIFY, exactly('VERIFY', 0, OPAQUE)],
  [
    LIBXC.CHECKPOINT,
    { ...exactly('CHECKPOINT', 0, OPAQUE), flow: { kind: 'yield' }, forgets: VCPU },
  ],
  [
    LIBXC.CHECKPOINT_DIRTY_PFN_LIST,
    {
      ...atLeast('CHECKPOINT_DIRTY_PFN_LIST', 0, OPAQUE),
      remark: {
        severity: 'error',
        rule: 'F10.3',
        message: 'CHECKPOINT_DIRTY_PFN_LIST goes from the restoring side only',
      },
    },
  ],
  [LIBXC.STATIC_DATA_END, { ...exactly('STATIC_DATA_END', 0, OPAQUE), once: true }],
  // Leaves are 24 bytes (leaf, subleaf, four registers), MSRs 16.
  [
    LIBXC.X86_CPUID_POLICY,
    { ...atLeast('X86_CPUID_POLICY', 24, OPAQUE), lengthUnit: 24, once: true },
  ],
  [LIBXC.X86_MSR_POLICY, { ...atLeast('X86_MSR_POLICY', 16, OPAQUE), lengthUnit: 16, once: true }],
];

const pvOnly = (state: LibxcState): readonly [number, RecordRule][] => [
  [
    LIBXC.X86_PV_INFO,
    {
      ...exactly('X86_PV_INFO', 8, whole(judgePvInfo(state))),
      lengthFact: 'F10.6',
      once: true,
      notAfter: [LIBXC.X86_PV_P2M_FRAMES, LIBXC.PAGE_DATA],
    },
  ],
  [
    LIBXC.X86_PV_P2M_FRAMES,
    {
      ...atLeast('X86_PV_P2M_FRAMES', 16, whole(judgeP2mFrames(state))),
      lengthUnit: 8,
      needs: [LIBXC.X86_PV_INFO],
    },
  ],
  [LIBXC.X86_PV_VCPU_BASIC, vcpu('X86_PV_VCPU_BASIC', judgeVcpu('basic', basicBlob(state)))],
  [
    LIBXC.X86_PV_VCPU_EXTENDED,
    vcpu(
      'X86_PV_VCPU_EXTENDED',
      judgeVcpu('extended', (n) => (n > 128 ? `${n} bytes, not 128 or less` : undefined)),
    ),
  ],
  [
    LIBXC.X86_PV_VCPU_XSAVE,
    vcpu(
      'X86_PV_VCPU_XSAVE',
      judgeVcpu('xsave', (n) => (n < 16 ? `${n} bytes, not 16 or more` : undefined)),
    ),
  ],
  [
    LIBXC.X86_PV_VCPU_MSRS,
    vcpu(
      'X86_PV_VCPU_MSRS',
      judgeVcpu('msrs', (n) => (n % 16 === 0 ? undefined : `${n} bytes, no multiple of 16`)),
    ),
  ],
  [LIBXC.SHARED_INFO, { ...exactly('SHARED_INFO', 4096, HELD), needs: [LIBXC.X86_PV_INFO] }],
];

const vcpu = (name: string, judge: ReturnType<typeof judgeVcpu>): RecordRule => ({
  ...atLeast(name, 8, whole(judge)),
  needs: [LIBXC.X86_PV_INFO, LIBXC.PAGE_DATA],
});

const hvmOnly = (): readonly [number, RecordRule][] => [
  [LIBXC.HVM_CONTEXT, atLeast('HVM_CONTEXT', 1, whole(judgeHvmContext))],
  [
    LIBXC.HVM_PARAMS,
    {
      ...atLeast('HVM_PARAMS', 8, whole(judgeHvmParams)),
    },
  ],
];

/**
 * The rules for one stream. They share `state`, so they serve this stream
 * only. A record of the other guest type has no rule: it is refused as an
 * unknown mandatory one, as a restore does.
 */
export const libxcRecords = (
  state: LibxcState,
  version: number,
): ReadonlyMap<number, RecordRule> => {
  const rules = new Map([...common(state), ...(state.type === 'pv' ? pvOnly(state) : hvmOnly())]);
  for (const [type, rule] of rules) rules.set(type, ordered(type, rule, state.type, version));
  return rules;
};

/** The orders of F10.5 that depend on the guest type and on the version. */
const ordered = (
  type: number,
  rule: RecordRule,
  guest: 'pv' | 'hvm',
  version: number,
): RecordRule => {
  const needs = [...(rule.needs ?? [])];
  const notAfter = [...(rule.notAfter ?? [])];
  const isStatic = STATIC.some((known) => known === type);
  if (isStatic) notAfter.push(LIBXC.STATIC_DATA_END);
  // Version 2 has no STATIC_DATA_END; its place is inferred (F10.1).
  const free = isStatic || type === LIBXC.STATIC_DATA_END || type === LIBXC.END;
  if (version >= 3 && !free) needs.push(LIBXC.STATIC_DATA_END);
  if (type === LIBXC.PAGE_DATA && guest === 'pv') {
    needs.push(LIBXC.X86_PV_P2M_FRAMES);
    notAfter.push(...VCPU);
  }
  return { ...rule, needs, notAfter };
};

/** What a stream of the guest type cannot be without. */
export const libxcRequired = (guest: 'pv' | 'hvm', version: number): readonly number[] => [
  ...(version >= 3 ? [LIBXC.STATIC_DATA_END] : []),
  LIBXC.PAGE_DATA,
  ...(guest === 'pv'
    ? [LIBXC.X86_PV_INFO, LIBXC.X86_PV_P2M_FRAMES, LIBXC.SHARED_INFO, LIBXC.X86_PV_VCPU_BASIC]
    : [LIBXC.HVM_CONTEXT, LIBXC.HVM_PARAMS]),
];

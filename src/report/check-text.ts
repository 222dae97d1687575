/** A check in words: what was read, what assumed, the steps, the verdicts. */
import type { BadInput, CheckResult, CheckStep, Remark } from '../check/result.ts';
import { counted, grouped, labelled, wrap } from './text.ts';

/** Remarks beyond this number are counted, not shown. */
const SHOWN = 10;

const hostText = (r: CheckResult): string => {
  const h = r.host;
  return [
    counted(h.domains, 'domain'),
    counted(h.vcpus, 'vCPU'),
    counted(h.pages, 'page'),
    counted(h.grantsActive, 'active grant'),
    counted(h.grantMappings, 'grant mapping'),
    counted(h.eventChannels, 'event channel'),
    counted(h.interdomainPairs, 'inter-domain pair'),
  ].join(', ');
};

const remarks = (title: string, list: readonly Remark[]): string[] => {
  if (list.length === 0) return [];
  const shown = list.slice(0, SHOWN).flatMap((r) => {
    const places = r.places.map((p) => `${p.file}:${p.line}`).join(', ');
    return wrap(`  - ${r.text}${places === '' ? '' : ` (${places})`}`, 4);
  });
  const more = list.length > SHOWN ? [`  - and ${grouped(list.length - SHOWN)} more`] : [];
  return ['', `${title} (${grouped(list.length)})`, ...shown, ...more];
};

const assumed = (r: CheckResult): string[] => {
  if (r.assumed.length === 0) return [];
  const lines = r.assumed.flatMap((a) => {
    const where = a.where === undefined ? '' : ` in ${a.where.map((d) => `d${d}`).join(' ')}`;
    const count = a.count === undefined ? '' : ` [${grouped(a.count)}${where}]`;
    return wrap(`  - ${a.text}${count}`, 4);
  });
  return ['', `Assumed, because the capture does not show it (${r.assumed.length})`, ...lines];
};

/** Steps of one kind that follow each other, as one line: "12-18  save d0 d1 ... d6". */
const stepLines = (steps: readonly CheckStep[]): string[] => {
  const lines: string[] = [];
  for (let i = 0; i < steps.length; ) {
    const first = steps[i] as CheckStep;
    let end = i + 1;
    while (first.domid !== undefined && steps[end]?.type === first.type) end++;
    const group = steps.slice(i, end);
    const last = group[group.length - 1] as CheckStep;
    const numbers = group.length === 1 ? `${first.n}` : `${first.n}-${last.n}`;
    const domids = group.map((s) => `d${s.domid}`).join(' ');
    const text = group.length === 1 ? first.text : first.text.replace(`d${first.domid}`, domids);
    lines.push(...wrap(`  ${numbers.padStart(7)}  ${last.phase.padEnd(9)}  ${text}`, 22));
    i = end;
  }
  return lines;
};

const invariants = (r: CheckResult): string[] => {
  if (r.invariants.length === 0) return [];
  const lines = r.invariants.flatMap((i) => {
    const verdict = i.holds ? (i.checked === 0 ? '-' : 'holds') : 'FAILS';
    const count = grouped(i.checked).padStart(9);
    return [
      ...wrap(`  ${verdict.padEnd(5)} ${i.id.padEnd(5)} ${count}  ${i.title}`, 25),
      ...(i.holds ? [] : (i.detail ?? []).slice(0, SHOWN).flatMap((d) => wrap(`        ${d}`, 10))),
    ];
  });
  const vacuous = r.invariants.some((i) => i.holds && i.checked === 0);
  return [
    '',
    'Invariants, with the number of objects checked',
    ...lines,
    ...(vacuous ? ['  (-: this host has nothing of the kind)'] : []),
  ];
};

const verdictText = (r: CheckResult): string[] => {
  const pair = `Xen ${r.from} -> ${r.to}`;
  switch (r.verdict) {
    case 'holds':
      return wrap(
        `HOLDS: ${pair}; survived by ${counted(r.host.domains, 'domain')}, ` +
          `kept by ${counted(r.invariants.length, 'invariant')}.`,
        7,
      );
    case 'refused':
      return [
        ...wrap(`REFUSED: ${pair}, before the point of no return; nothing was changed.`, 9),
        ...r.refusals.flatMap((reason) => wrap(`  - ${reason}`, 4)),
      ];
    case 'violated': {
      const c = r.counterexample;
      const at = c === undefined ? '' : ` at step ${c.step}`;
      return [
        ...wrap(`VIOLATED: ${pair}${at}: ${c?.invariants.join(', ') || 'xen#2 crashed'}.`, 10),
        ...(c?.what ?? []).slice(0, SHOWN).flatMap((w) => wrap(`  - ${w}`, 4)),
      ];
    }
  }
};

/** The whole report of one capture. */
export const checkText = (r: CheckResult): string =>
  [
    ...labelled('Capture', r.capture),
    ...r.read.flatMap((source, i) => labelled(i === 0 ? 'Read' : '', source)),
    ...labelled('Host', hostText(r)),
    ...labelled('Update', `Xen ${r.from} -> Xen ${r.to}`),
    ...remarks('Repaired while reading', r.repaired),
    ...remarks('Sources that disagree', r.contradictions),
    ...assumed(r),
    '',
    'Steps',
    ...stepLines(r.steps),
    ...invariants(r),
    '',
    ...verdictText(r),
  ].join('\n');

/** Why a capture could not be read: where, what, what to do. */
export const badInputText = (b: BadInput): string =>
  [
    ...wrap(`xen-lu: ${b.capture} cannot be checked`),
    ...b.problems.flatMap((p) => [
      ...wrap(`  ${p.place}: ${p.what}`, 4),
      ...(p.hint === '' ? [] : wrap(`    ${p.hint}`, 4)),
    ]),
    ...(b.omitted > 0 ? [`  and ${grouped(b.omitted)} more`] : []),
  ].join('\n');

import { describe, expect, test } from 'vitest';
import { and, setup } from 'xstate';
import { liveUpdate } from '../../machines/live-update.ts';
import { layOut } from '../../src/report/chart-layout.ts';
import { chartMermaid } from '../../src/report/chart-mermaid.ts';
import { chartModel } from '../../src/report/chart-model.ts';
import { chartSvg } from '../../src/report/chart-svg.ts';

/** A machine with what the model's own need not have: regions, root transitions, all kinds of states. */
const odd = setup({
  types: { events: {} as { type: 'a' | 'b' | 'c<d>' } },
  guards: { p: () => true, q: () => true },
  actions: { x: () => undefined },
}).createMachine({
  id: 'odd',
  description: 'Less < more & "quotes".',
  type: 'parallel',
  on: { a: '.left.two', b: { actions: 'x' } },
  states: {
    left: {
      initial: 'one',
      states: {
        one: { entry: 'x', on: { 'c<d>': { target: 'two', guard: and(['p', 'q']) } } },
        two: { exit: 'x', on: { a: 'two' } },
        back: { type: 'history' },
      },
    },
    right: {
      initial: 'only',
      states: { only: { always: { target: 'end', guard: 'p' } }, end: { type: 'final' } },
    },
  },
});

describe('a chart', () => {
  test('has every state and transition of the machine', () => {
    const { states, transitions } = chartModel(liveUpdate);
    const leaves = Object.keys(liveUpdate.config.states ?? {});
    expect(states.filter((s) => s.parent === 'live-update').map((s) => s.key)).toEqual(leaves);
    const jump = transitions.filter((t) => t.pointOfNoReturn);
    expect(jump).toEqual([
      expect.objectContaining({
        source: 'live-update.sealed',
        target: 'live-update.booting',
        event: 'lu.jump',
        actions: ['jump'],
        facts: ['F1.10', 'R32'],
      }),
    ]);
    expect(states.find((s) => s.key === 'quiescing')?.entry).toEqual(['look']);
    expect(states.find((s) => s.key === 'saving')?.initial).toBe('live-update.saving.system');
  });

  test('names guards that are combined, and keeps what stays where it is', () => {
    const { transitions, states } = chartModel(odd);
    expect(transitions.find((t) => t.event === 'c<d>')?.guard).toBe('and(p, q)');
    expect(transitions.find((t) => t.event === 'b')).toMatchObject({ source: 'odd', target: null });
    expect(transitions.find((t) => t.event === '')?.target).toBe('odd.right.end');
    expect(states.map((s) => s.type)).toEqual([
      'parallel',
      'compound',
      'atomic',
      'atomic',
      'history',
      'compound',
      'atomic',
      'final',
    ]);
  });
});

describe.each([
  ['live-update', liveUpdate],
  ['odd', odd],
])('the layout of %s', (_name, machine) => {
  test('has every state inside its parent and beside its siblings', async () => {
    const chart = await layOut(chartModel(machine));
    for (const s of chart.states) {
      const box = chart.boxes[s.id];
      expect(box, s.id).toBeDefined();
      if (box === undefined) continue;
      const around =
        s.parent === null ? { x: 0, y: 0, w: chart.width, h: chart.height } : chart.boxes[s.parent];
      if (around === undefined) continue;
      expect(box.x, s.id).toBeGreaterThanOrEqual(around.x);
      expect(box.x + box.w, s.id).toBeLessThanOrEqual(around.x + around.w + 1);
      expect(box.y + box.h, s.id).toBeLessThanOrEqual(around.y + around.h + 1);
      for (const other of chart.states) {
        const b = chart.boxes[other.id];
        if (other === s || other.parent !== s.parent || b === undefined) continue;
        const apart =
          b.x >= box.x + box.w || box.x >= b.x + b.w || b.y >= box.y + box.h || box.y >= b.y + b.h;
        expect(apart, `${s.id} and ${other.id}`).toBe(true);
      }
    }
  });

  test('draws each transition once, as an arrow or inside its state', async () => {
    const chart = await layOut(chartModel(machine));
    const drawn = [
      ...chart.arrows.flatMap((a) => a.transitions),
      ...Object.values(chart.inside).flat(),
    ];
    expect(drawn.sort((a, b) => a - b)).toEqual(chart.transitions.map((_, i) => i));
    for (const arrow of chart.arrows) expect(arrow.points.length).toBeGreaterThan(1);
  });

  test('is the same each time', async () => {
    const svg = async () => chartSvg(await layOut(chartModel(machine)), true);
    expect(await svg()).toBe(await svg());
  });
});

test('the picture holds no markup that came from a name', async () => {
  const svg = chartSvg(await layOut(chartModel(odd)), true);
  expect(svg).toContain('Less &lt; more &amp; &quot;quotes&quot;.');
  expect(svg).toContain('c&lt;d&gt; [and(p, q)]');
  expect(svg).not.toContain('c<d>');
  expect(svg).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
});

test('Mermaid gets nested states, regions and labels that end no statement', () => {
  expect(chartMermaid(chartModel(odd)).split('\n')).toEqual([
    'stateDiagram-v2',
    '  state "odd" as odd {',
    '    state "left" as odd_left {',
    '      [*] --> odd_left_one',
    '      state "one" as odd_left_one',
    '      state "two" as odd_left_two',
    '      state "back" as odd_left_back',
    '    }',
    '    --',
    '    state "right" as odd_right {',
    '      [*] --> odd_right_only',
    '      state "only" as odd_right_only',
    '      state "end" as odd_right_end',
    '      odd_right_end --> [*]',
    '    }',
    '  }',
    '  odd : b / x',
    '  odd --> odd_left_two : a',
    '  odd_left_one --> odd_left_two : c<d> [and(p, q)]',
    '  odd_left_two --> odd_left_two : a',
    '  odd_right_only --> odd_right_end : [p]',
    '',
  ]);
});

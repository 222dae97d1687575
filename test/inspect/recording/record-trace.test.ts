import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { liveUpdate } from '../../../machines/live-update.ts';
import { MemoryMap } from '../../../src/inspect/recording/memory-map.ts';
import { recordTrace } from '../../../src/inspect/recording/record-trace.ts';
import { LAYERS } from '../../../src/inspect/recording/recording.ts';
import { Viewer } from '../../../src/inspect/recording/view/view-host.ts';
import { findSubject } from '../../../src/inspect/subjects/find-subject.ts';
import { newUpdate } from '../../../src/liveupdate/update.ts';
import { Player } from '../../../src/page/player.ts';
import type { Snapshot } from '../../../src/trace/schedule.ts';
import { recordingOf } from '../recordings.ts';

const subject = async (name: string) => {
  const found = await findSubject(name);
  if (found._tag === 'Left') throw new Error(JSON.stringify(found.left));
  return found.right;
};

describe.each(['mixed', 'S1', 'S24', 'S30'])('the recording of %s', (name) => {
  test('shows at every step, forward and back, what the model has there', async () => {
    const { trace, about, machine } = await subject(name);
    const recording = recordTrace({ trace, about, machine, invariants: [], charts: [] });
    const player = new Player(recording);
    const map = new MemoryMap();
    const [start] = initialTransition(liveUpdate, newUpdate(trace.host, trace.from, trace.design));
    let s = start as Snapshot;
    // What is made anew for each step, without any memory of the one before.
    const views = [structuredClone(new Viewer().view(s.context.world))];
    const layers = [map.layers(s.context.world)];
    for (const event of trace.events) {
      [s] = transition(liveUpdate, s, { ...event }) as [Snapshot, unknown];
      views.push(structuredClone(new Viewer().view(s.context.world)));
      layers.push(map.layers(s.context.world));
    }
    expect(recording.steps.length).toBe(views.length);
    const there = views.map((_, n) => n);
    // Forward, back, and jumps of all lengths.
    for (const n of [
      ...there,
      ...there.toReversed(),
      ...there.map((n) => (n * 7) % views.length),
    ]) {
      player.go(n);
      expect(player.step).toBe(n);
      expect(player.view, `view at step ${n}`).toEqual(views[n]);
      for (const layer of LAYERS) expect(player.runs(layer)).toEqual(layers[n]?.[layer]);
    }
  });

  test('says which fields a step changed, with both values', async () => {
    const player = new Player(await recordingOf(name));
    for (let n = 1; n <= player.last; n++) {
      player.go(n - 1);
      const before = structuredClone(player.view);
      player.go(n);
      for (const c of player.changes()) {
        expect(before[c.table][c.row]?.[c.field] ?? null).toEqual(c.before);
        expect(player.view[c.table][c.row]?.[c.field] ?? null).toEqual(c.after);
        expect(c.after).not.toEqual(c.before);
      }
    }
  });
});

test('lanes say who is where: parked, saved, restored pass by pass, resumed', async () => {
  const { lanes, jump } = await recordingOf('mixed');
  const labels = (name: string) => lanes.find((l) => l.name === name)?.spans.map((s) => s[1]);
  expect(labels('d1')).toEqual([
    'runs',
    'parked',
    'saved',
    'known to nobody',
    'in the stream',
    'pass 0a done',
    'pass 0b done',
    'pass 0c done',
    'pass 1 done',
    'restored',
    'runs',
  ]);
  const gone = lanes.find((l) => l.name === 'd1')?.spans.find((s) => s[1] === 'known to nobody');
  expect(gone?.[0]).toBe(jump);
  expect(lanes[0]?.kind).toBe('update');
  expect(lanes.filter((l) => l.kind === 'vcpu').length).toBeGreaterThan(3);
});

test('a vCPU whose emulator works for it has a lane that says so', async () => {
  const { lanes } = await recordingOf('S1');
  const labels = lanes.find((l) => l.name === 'd1v0')?.spans.map((s) => s[1]);
  expect(labels).toContain('emulation READY, stopped');
});

test('tasklets have lanes', async () => {
  const { lanes } = await recordingOf('S12');
  const tasklet = lanes.find((l) => l.kind === 'tasklet');
  expect(tasklet?.spans.map((s) => s[1])[0]).toMatch(/^queued on CPU \d+$/);
});

test('what xen#2 wrote over a guest can be seen in the memory map', async () => {
  const recording = await recordingOf('S24');
  const player = new Player(recording);
  player.go(recording.story.at ?? 0);
  const wrote = player.runs('wrote');
  const guest = player
    .runs('use')
    .filter(([, , kind]) => recording.kinds[kind]?.name === 'd1, as xen#1 left it');
  expect(guest.length).toBeGreaterThan(0);
  expect(guest.some(([s, n]) => wrote.some(([ws, wn]) => s < ws + wn && ws < s + n))).toBe(true);
});

test('an event that nothing takes is shown as one that changed nothing', async () => {
  const { trace, about, machine } = await subject('mixed');
  const events = [{ type: 'lu.jump' } as const, ...trace.events];
  const { steps, story } = recordTrace({
    trace: { ...trace, events },
    about,
    machine,
    invariants: [],
    charts: [],
  });
  expect(steps[1]).toMatchObject({ ignored: true, view: {}, said: [] });
  expect(story.verdict).toBe('holds');
});

/** What Stately's inspector is told of a run, by the ways in which its package talks. */
import { createServer } from 'node:net';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { createInspectorServer } from '@statelyai/inspect/server';
import { expect, test } from 'vitest';
import { collectEvents } from '../../src/inspect/stately/collect.ts';
import { hostedPage } from '../../src/inspect/stately/hosted-page.ts';
import { publishTo } from '../../src/inspect/stately/websocket.ts';
import { findSubject } from '../../src/inspect/subjects/find-subject.ts';

const subjectOf = async (name: string) => {
  const found = await findSubject(name);
  if (found._tag === 'Left') throw new Error(JSON.stringify(found.left));
  return found.right;
};

const snapshotOf = (e: StatelyInspectionEvent | undefined): unknown =>
  e?.type === '@xstate.snapshot' ? e.snapshot : undefined;

/** A port that nothing listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });

test('one actor, with every chart in its definition and a snapshot for each event', async () => {
  const { trace, machine } = await subjectOf('mixed');
  const events = collectEvents(trace, machine);
  const [actor, ...rest] = events;
  expect(actor?.type).toBe('@xstate.actor');
  const { id, states } = JSON.parse(
    actor?.type === '@xstate.actor' ? (actor.definition ?? '') : '',
  );
  expect(id).toBe('host');
  expect(Object.keys(states)).toEqual(
    expect.arrayContaining(['live-update', 'domain d0', 'domain d1', 'vcpu d1v0']),
  );
  // Nothing is cut off, however deep.
  expect(
    states['domain d1'].states.alive.states.shutdown.states.complete.states.crash,
  ).toBeDefined();
  const sent = rest.filter((e) => e.type === '@xstate.event').length;
  expect(sent).toBe(trace.events.length + 1);
  expect(snapshotOf(events.at(-1))).toMatchObject({ value: { 'live-update': 'done' } });
  // Whole hosts are not written out.
  expect(JSON.stringify(events).length).toBeLessThan(5_000_000);
  expect(JSON.stringify(events)).not.toContain('generalCount');
});

test('a mutant acts here too: what is published is the run that was asked for', async () => {
  const { trace, machine } = await subjectOf('B20');
  const last = collectEvents(trace, machine).at(-1);
  expect(snapshotOf(last)).toMatchObject({ value: { 'live-update': expect.anything() } });
});

test('goes through the relay of the package to whoever listens', async () => {
  const port = await freePort();
  const server = createInspectorServer({ port, autoOpen: false, url: 'about:blank' });
  try {
    const received: StatelyInspectionEvent[] = [];
    createWebSocketReceiver({ server: `ws://127.0.0.1:${port}` }).subscribe((e) =>
      received.push(e),
    );
    const { trace, machine } = await subjectOf('S6');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const sent = await publishTo(`ws://127.0.0.1:${port}`, trace, machine);
    expect(sent).toEqual({ _tag: 'Right', right: trace.events.length });
    await expect
      .poll(() => received.filter((e) => e.type === '@xstate.event').length)
      .toBe(trace.events.length + 1);
  } finally {
    server.stop();
  }
});

test('nobody there is an error in words, and ends', async () => {
  const { trace, machine } = await subjectOf('S6');
  const port = await freePort();
  expect(await publishTo(`ws://127.0.0.1:${port}`, trace, machine)).toMatchObject({
    _tag: 'Left',
    left: expect.stringContaining('no inspector listens'),
  });
  expect(await publishTo('http://127.0.0.1/', trace, machine)).toMatchObject({ _tag: 'Left' });
});

test('the page around it may frame the inspector and load nothing else', () => {
  const page = hostedPage([]);
  expect(page).toMatch(/default-src 'none'; frame-src https:\/\/stately\.ai; img-src data:; /);
  expect(page).not.toContain('unsafe');
});

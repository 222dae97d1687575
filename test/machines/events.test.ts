/**
 * Every event of the host and of the update is named by a machine, or has its
 * reason here. An event that is new is asked for: which chart does it move?
 */
import { expect, test } from 'vitest';
import { CHARTS } from '../../machines/charts.ts';
import { liveUpdate } from '../../machines/live-update.ts';
import { steps } from '../../src/hypercalls/events.ts';
import { UPDATE_EVENTS } from '../../src/liveupdate/update-step.ts';
import { treeOf } from '../../src/world/tree.ts';

/** What no chart names, because it only changes what no chart draws, or comes under `*`. */
const UNNAMED: readonly (readonly [reason: string, types: readonly string[], any?: string])[] = [
  ['a port is raised by many events: `*`', ['evtchn.send', 'timer.fires'], 'event-channel'],
  ['where and how soon a port is seen', ['evtchn.bind_vcpu', 'evtchn.set_priority']],
  ['its pins are gone before it returns', ['grant.copy']],
  [
    'pages come, go and change type by many events: `*`',
    [
      'memory.increase_reservation',
      'memory.populate_physmap',
      'memory.decrease_reservation',
      'memory.exchange',
      'memory.add_to_physmap',
      'memory.remove_from_physmap',
      'guest.write-table',
      'mmu.update',
      'mmu.set_gdt',
      'mmuext.new_baseptr',
      'mmuext.new_user_baseptr',
    ],
    'page-type',
  ],
  ['data in a page', ['guest.write']],
  [
    'registers, timers and areas of a vCPU',
    [
      'vcpu.initialise',
      'vcpu.register_vcpu_info',
      'vcpu.register_runstate',
      'vcpu.set_singleshot_timer',
      'vcpu.stop_singleshot_timer',
      'vcpu.set_periodic_timer',
      'vcpu.stop_periodic_timer',
    ],
  ],
  ['time', ['time.passes', 'sched.yield']],
  ['a setting', ['domctl.max_mem', 'domctl.set_virq_handler', 'domctl.set_target']],
  ['which accesses a server of requests gets', ['ioreq.set_state', 'ioreq.map_range']],
];

const namedBy = (chart: string): ReadonlySet<string | null> =>
  new Set(
    [liveUpdate, ...CHARTS.map((c) => c.machine)]
      .filter(({ id }) => chart === '' || id === chart)
      .flatMap((m) => treeOf(m).transitions.map((t) => t.event)),
  );

test('every event is named by a machine or listed with a reason, not both', () => {
  const named = namedBy('');
  const unnamed = [...Object.keys(steps), ...UPDATE_EVENTS].filter((type) => !named.has(type));
  expect(unnamed.length).toBeGreaterThan(0);
  expect(UNNAMED.flatMap(([, types]) => types).sort()).toEqual(unnamed.sort());
});

test('what comes under `*` comes to a chart that has it', () => {
  const charts = UNNAMED.flatMap(([, , any]) => any ?? []);
  expect(charts.filter((chart) => namedBy(chart).has('*'))).toEqual(charts);
  expect(charts.length).toBeGreaterThan(1);
});

test('no machine names an event that does not exist', () => {
  const known = new Set<string | null>([...Object.keys(steps), ...UPDATE_EVENTS, '*', '', null]);
  expect([...namedBy('')].filter((type) => !known.has(type))).toEqual([]);
});

/**
 * What happens next in the life of a host, chosen by numbers: a hypercall of
 * somebody's, work that Xen put off, a step of the update, or somebody who
 * gives it up. The same numbers make the same life.
 */
import { eventOf, type Raw } from '../../properties/arbitraries/history/event-of.ts';
import { hostOf } from '../liveupdate/update.ts';
import { happens, type World, type WorldEvent } from '../world/world.ts';
import { type Image, isOpen, type Snapshot, topState, updateSteps } from './schedule.ts';

/** Of so many steps in which guests may act, one is the update's. */
const UPDATE_EVERY = 5;
/** Of so many steps of the update, at one somebody gives it up, where that is possible. */
const GIVE_UP_EVERY = 40;

const GIVING_UP: readonly WorldEvent[] = [
  { type: 'lu.cancel' },
  { type: 'lu.timeout' },
  { type: 'lu.fail', what: 'injected' },
];

/** What the update does from here: its own steps, or what its owner asks for next. */
const ownSteps = (s: Snapshot, image: Image): readonly WorldEvent[] => {
  switch (topState(s)) {
    case 'done':
      return [{ type: 'lu.settle' }];
    case 'refused':
      return [{ type: 'lu.request' }, { type: 'kexec.unload' }];
    default:
      return updateSteps(s, image);
  }
};

const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % from.length];

/** Events that are tried before nobody has anything to do: most that are asked for are refused. */
const TRIES = 12;

/** The first that happens, of kinds that follow each other. */
const guestEvent = (world: World, [kind, ...rest]: Raw): WorldEvent | null => {
  for (let i = 0; i < TRIES; i++) {
    const event = eventOf(hostOf(world), [kind + i, ...rest]);
    if (happens(world, event)) return event;
  }
  return null;
};

/** The next event; null: nothing can happen any more, or what was chosen is not possible now. */
export const nextInLife = (s: Snapshot, image: Image, raw: Raw): WorldEvent | null => {
  const [kind, who, n] = raw;
  const steps = ownSteps(s, image);
  if (isOpen(s) && (steps.length === 0 || (kind + who) % UPDATE_EVERY > 0)) {
    const event = guestEvent(s.context.world, raw);
    if (event !== null) return event;
  }
  const gives = pick(GIVING_UP, n);
  if (who % GIVE_UP_EVERY === 0 && gives !== undefined && s.can(gives)) return gives;
  return pick(steps, kind) ?? null;
};

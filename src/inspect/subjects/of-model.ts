/** Subjects that the model holds itself: scenarios, scopes, and the bugs of the museum. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { liveUpdate } from '../../../machines/live-update.ts';
import { loadMutants } from '../../../properties/mutant.ts';
import { loadInvariants } from '../../../properties/registry.ts';
import { loadScenarios, type Scenario } from '../../../properties/scenario.ts';
import { defaultDesign } from '../../design/design.ts';
import { counted } from '../../report/text.ts';
import type { Scope } from '../../search/general-scopes.ts';
import { exhibit, mutantIds } from '../../search/museum.ts';
import { playerOf } from '../../search/replay.ts';
import type { SearchRequest } from '../../search/request.ts';
import { designOf, requestOf } from '../../search/scenario-search.ts';
import { search } from '../../search/search.ts';
import type { Trace } from '../../trace/trace-file.ts';
import { bugOf, fairEvents, hostText, type Subject } from './subject.ts';

const startOf = ({ start, design }: SearchRequest): Omit<Trace, 'events'> => ({
  host: start.host,
  from: start.from,
  to: start.to,
  design,
  commandLine: start.commandLine ?? 'console=com1',
  build: { ...start.host.xen.build, ...start.image, version: start.to.id },
});

const foundBy = (s: Scenario, steps: number): string =>
  `This is the shortest run in which it goes wrong, ${counted(steps, 'step')}, found by searching ` +
  `every order of what the guests, dom0 and the update could do${s.order === 'fair' ? ', with a fair scheduler' : ''}.`;

export const ofScenario = async (s: Scenario): Promise<Subject> => {
  const request = requestOf(s, designOf(s), await loadInvariants());
  const found = search(s.violates === null ? request : { ...request, until: s.violates });
  const start = startOf(request);
  const violated = found.trace.length > 0;
  const events = violated ? found.trace : fairEvents(start);
  return {
    trace: { ...start, events },
    machine: liveUpdate,
    about: {
      title: `${s.id}: ${s.title}`,
      tried: [
        s.says,
        hostText(start.host),
        violated
          ? foundBy(s, events.length)
          : 'Nothing breaks here: every order of events was searched. This is the fair run.',
      ],
      sources: s.sources.filter((id) => id !== s.id),
      ...(s.violates === null ? {} : { expects: s.violates }),
      commands: [`xen-lu scenarios ${s.id}`, `xen-lu inspect ${s.id}`],
    },
  };
};

export const ofScope = (scope: Scope): Subject => {
  const start = startOf(requestOf(scope, defaultDesign, []));
  const events = fairEvents(start);
  return {
    trace: { ...start, events },
    machine: liveUpdate,
    about: {
      title: `A Live Update of the host "${scope.id}"`,
      tried: [
        'The whole procedure on a small host with something of everything, under the full design: ' +
          'trigger, quiesce, save, hand over, restore.',
        hostText(start.host),
      ],
      commands: [`xen-lu inspect "${scope.id}"`],
    },
  };
};

/** A real bug of the museum ("B23"), or the loss of a rule ("without R12"): the shortest trace to it. */
export const ofExhibit = async (id: string): Promise<Either<string, Subject> | null> => {
  const [mutants, scenarios, invariants] = await Promise.all([
    loadMutants(),
    loadScenarios(),
    loadInvariants(),
  ]);
  if (!mutantIds(mutants).includes(id)) return null;
  const found = exhibit(id, { mutants, scenarios, invariants });
  if (found?.replay == null) return left(`nothing breaks in the scopes of ${id}`);
  const { replay: trace, killedBy } = found;
  const player = await playerOf(trace);
  if (isLeft(player)) return player;
  const mutant = mutants.find((m) => m.id === id);
  const [expects] = killedBy;
  return right({
    trace,
    machine: player.right.machine,
    about: {
      title: `${id}: ${found.title}`,
      tried: [
        ...(found.kind === 'bug' ? [`A real bug, put into the model (${found.source}).`] : []),
        ...(found.beyond === undefined ? [] : [`Not in the model: ${found.beyond}`]),
        hostText(trace.host),
        `This is the shortest run in which something breaks, ${counted(trace.events.length, 'step')}.`,
      ],
      ...(mutant === undefined ? {} : { bug: bugOf(mutant) }),
      ...(expects === undefined ? {} : { expects }),
      commands: [`xen-lu museum "${id}"`, `xen-lu inspect "${id}"`],
    },
  });
};

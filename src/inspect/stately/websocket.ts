/**
 * Publishes to an inspector that listens on a websocket: the relay that
 * `createInspectorServer` of @statelyai/inspect starts, or any that speaks as
 * it does.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createWebSocketInspector } from '@statelyai/inspect';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { UpdateMachine } from '../../../properties/mutant.ts';
import type { Trace } from '../../trace/trace-file.ts';
import { type Publisher, publishTrace } from './publish.ts';

/** How long the inspector may take to answer, and how often it is looked, in milliseconds. */
const PATIENCE = 4000;
const LOOK = 50;
/** Charts nest deeper than the ten levels that an inspector keeps if it is not told. */
const DEPTH = 60;

/** Number of events sent to the actor, or why nobody got them. */
export const publishTo = async (
  url: string,
  trace: Trace,
  machine: UpdateMachine,
): Promise<Either<string, number>> => {
  if (!/^wss?:\/\/[^\s/]+/.test(url)) return left(`${url} is no address of a websocket`);
  const inspector = createWebSocketInspector({ url, serializationDepthLimit: DEPTH });
  // Its adapter would try again for ever, and keep the program from ending: one try has to do.
  const { adapter } = inspector;
  let failed = false;
  const socket: unknown = Reflect.get(adapter, 'ws');
  if (typeof socket === 'object' && socket !== null)
    Reflect.set(socket, 'onerror', () => {
      failed = true;
    });
  const isOpen = (): boolean => Reflect.get(adapter, 'status') === 'open';
  for (let waited = 0; !isOpen() && !failed && waited < PATIENCE; waited += LOOK) await wait(LOOK);
  if (!isOpen()) {
    inspector.stop();
    return left(`no inspector listens on ${url}`);
  }
  const sent = publishTrace(trace, machine, inspector as Publisher);
  inspector.stop();
  return right(sent);
};

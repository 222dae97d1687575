/** What is published of a trace, as a list: for the page that hands it on to Stately's. */
import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import type { UpdateMachine } from '../../../properties/mutant.ts';
import type { Trace } from '../../trace/trace-file.ts';
import { type Publisher, publishTrace } from './publish.ts';

/** Charts nest deeper than the ten levels that an inspector keeps if it is not told. */
const DEPTH = 60;

export const collectEvents = (
  trace: Trace,
  machine: UpdateMachine,
): readonly StatelyInspectionEvent[] => {
  const events: StatelyInspectionEvent[] = [];
  const inspector = createInspector(
    { send: (event) => void events.push(event) },
    { serializationDepthLimit: DEPTH },
  );
  publishTrace(trace, machine, inspector as Publisher);
  return events;
};

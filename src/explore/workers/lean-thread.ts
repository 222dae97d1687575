/** What runs in a thread that has no machine: expands states by the code it is sent. */
import { parentPort, workerData } from 'node:worker_threads';
import { Layout } from '../layout.ts';
import { type Chore, done, type Share } from './hands.ts';
import { Lean } from './lean.ts';
import type { Order } from './member.ts';
import { fetchPages, SharedStore } from './shared-store.ts';

const port = parentPort;
if (port === null) throw new Error('runs in a worker thread only');

const { control, tally, index, table, maxStates } = workerData as Share;
fetchPages(table);
const layout = new Layout({ width: 1, keyWidth: 1, fields: [] }, 0, -1);
const store = new SharedStore(layout, control, true);
const own = tally.subarray(2 * index, 2 * index + 2);
const lean = new Lean(store, control, { own, all: tally, maxStates });
port.on('message', (asked: Order | Chore) => port.postMessage(done(lean, asked)));
port.postMessage('ready');

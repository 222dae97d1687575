/**
 * All commands, in the order of the help text. What a command rests on is
 * read only when it is asked for: the whole model takes half a second.
 */
import type { CommandEntry } from '../command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'check',
    synopsis: 'xen-lu check CAPTURE... [--guest N=S] [--from V] [--to V] [--json]',
    summary: 'would this host survive a Live Update?',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'import',
    synopsis: 'xen-lu import CAPTURE|SAVE [--json]',
    summary: 'the host of a capture, or the guest of a save stream, as read',
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'lint',
    synopsis: 'xen-lu lint STREAM [--json]',
    summary: 'the records of a save or Live Update stream, and its faults',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'conform',
    synopsis: 'xen-lu conform TRACE... [--before|--mid|--after DUMP] [--json]',
    summary: 'does a xentrace file do what the machines allow?',
    load: async () => (await import('./conform.ts')).conform,
  },
  {
    name: 'versions',
    synopsis: 'xen-lu versions [--json]',
    summary: 'the matrix of version pairs: carried, refused, never lost',
    load: async () => (await import('./versions.ts')).versions,
  },
  {
    name: 'vectors',
    synopsis: 'xen-lu vectors DIR',
    summary: 'write golden vectors: hosts, their streams, the hosts restored',
    load: async () => (await import('./vectors.ts')).vectors,
  },
  {
    name: 'ablate',
    synopsis: 'xen-lu ablate [RULE...] [--policy QUESTION=ANSWER]... [--json]',
    summary: 'drop rules of the design: what breaks first, and how',
    load: async () => (await import('./ablate.ts')).ablate,
  },
  {
    name: 'compare',
    synopsis: 'xen-lu compare QUESTION [--json]',
    summary: 'the answers to an open question, side by side',
    load: async () => (await import('./compare.ts')).compare,
  },
  {
    name: 'scenarios',
    synopsis: 'xen-lu scenarios [ID...] [--json]',
    summary: 'surprising interactions, each found by a search',
    load: async () => (await import('./scenarios.ts')).scenarios,
  },
  {
    name: 'museum',
    synopsis: 'xen-lu museum [ID...] [--out DIR] [--json]',
    summary: 'put real bugs into the model: which invariants notice',
    load: async () => (await import('./museum.ts')).museum,
  },
  {
    name: 'campaign',
    synopsis: 'xen-lu campaign [--minutes N] [--out DIR] | campaign merge DIR...',
    summary: 'try random hosts and histories for as long as one likes',
    load: async () => (await import('./campaign.ts')).campaign,
  },
  {
    name: 'vacuity',
    synopsis: 'xen-lu vacuity [--json]',
    summary: 'how often each invariant had something to look at',
    load: async () => (await import('./vacuity.ts')).vacuity,
  },
  {
    name: 'replay',
    synopsis: 'xen-lu replay FILE [--minimise] [--out FILE] [--as-test] [--json]',
    summary: 'play a trace file again: the same steps, the same verdict',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    name: 'explore',
    synopsis: 'xen-lu explore FILE|SCOPE [--invariant NAME]... [--json]',
    summary: 'visit every state of a machine',
    load: async () => (await import('./explore.ts')).explore,
  },
  {
    name: 'export',
    synopsis: 'xen-lu export FILE|SCOPE --promela [--invariant NAME]...',
    summary: 'print a machine as a model for SPIN',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'machines',
    synopsis: 'xen-lu machines [NAME] [--json|--svg|--mermaid]',
    summary: 'the statecharts: states, transitions, pictures',
    load: async () => (await import('./machines.ts')).machines,
  },
  {
    name: 'run',
    synopsis: 'xen-lu run SCOPE [--seed N] [--until STATE] [--steps N] [--json]',
    summary: 'animates a scope, one line a step',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'inspect',
    synopsis: 'xen-lu inspect [SCOPE|TRACE|CAPTURE] [--stately] [--port N]',
    summary: 'look at a run in a browser, step by step',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  {
    name: 'report',
    synopsis: 'xen-lu report TRACE|CAPTURE|SCOPE -o PAGE.html [--from V] [--to V]',
    summary: 'a run as one page that opens from disk, without a network',
    load: async () => (await import('./report.ts')).report,
  },
];

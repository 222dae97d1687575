import { invariant } from '../invariant.ts';
import { Audit } from '../support/audit.ts';

/** What a save says that could not put something into its record. */
const CANNOT = /cannot be written/;

export default invariant({
  id: 'LIM-1',
  title: 'What is legal at run time can be saved',
  says: 'No update is refused because an object of a host is too large for its record.',
  why:
    'Such a host can never be updated, and its owner learns so only when the update is needed ' +
    '(xenstored, c85610a322).',
  sources: ['LIM-1', 'R19', 'F1.13'],
  refused: ({ reasons }) => {
    const a = new Audit();
    for (const reason of reasons) {
      a.count();
      if (CANNOT.test(reason)) a.offend(/^d\d+/.exec(reason)?.[0] ?? 'host', reason);
    }
    return a.verdict();
  },
});

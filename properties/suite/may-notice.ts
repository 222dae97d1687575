/**
 * What a guest may legitimately notice of a Live Update: the one list, with
 * the reason for each. Everything else must be told and shown to it as if
 * there had been none. Values that may differ in Xen and memory are listed
 * field by field in `src/host/may-change.ts`; here is what that means for
 * whoever makes hypercalls.
 */
export interface MayNotice {
  readonly what: string;
  readonly reason: string;
  /** What keeps the comparison of two worlds from taking it for a difference. */
  readonly compared: string;
}

export const MAY_NOTICE: readonly MayNotice[] = [
  {
    what: 'fields of Xen that ACROSS_UPDATE lists, each with its own reason',
    reason: 'they belong to one instance of Xen, or to its scheduler, and not to a guest',
    compared: 'left out of the comparison of hosts, and only they',
  },
  {
    what: 'which free frame is handed out next',
    reason: 'nobody was promised one; the heap of xen#2 is its own',
    compared: 'events that take a frame from the heap are left out after the first update',
  },
  {
    what: 'how far an interrupted validation of a page table is',
    reason: 'the call that goes on with it starts over, with the same outcome (Q6)',
    compared: 'interrupted validations are finished before each update, in both worlds',
  },
  {
    what: 'when deferred work is done: a tasklet, a teardown, an answer of an emulator',
    reason: 'quiescing finishes it, and Xen may do so at any moment without an update',
    compared: 'the world without an update does the same work at the same moment',
  },
  {
    what: 'a wake-up that such work causes, such as VIRQ_DOM_EXC at the end of a teardown',
    reason: 'the event is due to the work and comes once; no other one may come',
    compared: 'it comes in both worlds; any further event is a difference',
  },
  {
    what: 'what another version of Xen answers otherwise',
    reason: 'a hypercall that changed between versions is no fault of the update (R21)',
    compared: 'both worlds are under the new version afterwards',
  },
];

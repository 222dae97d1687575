/** Rules on what of a domain's state must come through; part of `rules.ts`. */
export const STATE_RULES = [
  {
    id: 'R35',
    text: 'An interrupt that waits for a vCPU is injected again under xen#2.',
    sources: ['R35', 'R51', 'F10.11'],
  },
  {
    id: 'R36.2',
    text: 'Pages of a domain have their owner before they get a type.',
    sources: ['R36', 'F1.16', 'section 11 rule 7'],
  },
  {
    id: 'R37',
    text: 'A P2M is there before the vCPUs of its domain are made.',
    sources: ['R37', 'section 11 rule 5'],
  },
  {
    id: 'F2.17.flags',
    text: 'vCPUs that are blocked or down stay so.',
    sources: ['F2.17', 'F10.9'],
  },
  {
    id: 'F3.1.registers',
    text: 'A preempted hypercall is entered again with its own registers.',
    sources: ['F3.1', 'F3.4', 'I3.2'],
  },
  {
    id: 'F3.1.arguments',
    text: 'Argument registers come through: what is left of a preempted hypercall is in them.',
    sources: ['F3.1', 'F3.4', 'F3.5', 'F10.11', 'I3.2'],
  },
  {
    id: 'F6.2.consumer',
    text: "What a port of Xen's notifies is carried by name, not by index.",
    sources: ['F6.2', 'R19'],
  },
  {
    id: 'F7.4.free',
    text: 'Free maptrack handles are on one free list, as they were.',
    sources: ['F7.4', 'I7.4'],
  },
  {
    id: 'F8.20.foreign',
    text: 'A foreign entry of a P2M holds a general reference.',
    sources: ['F8.20', 'Q9'],
  },
  {
    id: 'F8.23.logdirty',
    text: 'Log-dirty mode is carried: its marks in the P2M are in memory.',
    sources: ['F8.23', 'F8.18'],
  },
  {
    id: 'F9.8.ring',
    text: 'Buffered requests are left in their ring.',
    sources: ['F9.8', 'I9.1'],
  },
  {
    id: 'F10.12.runstate',
    text: 'Runstate times go on.',
    sources: ['F10.7', 'F10.12'],
  },
] as const;

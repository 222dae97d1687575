/** What a domain that was just made has nothing of, whoever made it: domain_create (F2.3). */

/** No event channels yet, in the 2-level ABI; how many there may be is the maker's to say. */
export const noEvents = () => ({
  abi: '2l' as const,
  maxPort: 0,
  validPorts: 0,
  channels: {},
  activeChannels: 0,
  xenChannels: 0,
  nextEvtchn: 0,
  fifoArray: [],
  suspendPort: null,
});

/** No grants and no mappings yet; the limits are the maker's to say. */
export const noGrants = () => ({
  version: 1 as const,
  frames: [],
  statusFrames: [],
  maxFrames: 0,
  maxMaptrackFrames: 0,
  active: {},
  maptrack: {},
  maptrackLimit: 0,
  maptrackFree: [],
});

/** No P2M, no emulators, and nothing of the machine's hardware. */
export const noDevices = () => ({
  p2m: null,
  ioreqServers: {},
  hvmParams: {},
  pagingPreempt: null,
  pirqs: {},
  irqs: [],
  iomem: [],
  ioports: [],
});

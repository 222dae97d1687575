/** The steps of an update in words, one line each. */
import type { HostEvent } from '../hypercalls/events.ts';
import type { WorldEvent } from '../world/world.ts';

/** A hypercall or deferred work in its own words: name, then each field. */
const hostEventText = ({ type, ...where }: HostEvent): string =>
  [type, ...Object.entries(where).map(([k, v]) => `${k}=${JSON.stringify(v)}`)].join(' ');

/** What happens in a step, without the number of the domain where it is beside it. */
export const stepText = (e: WorldEvent): string => {
  switch (e.type) {
    case 'kexec.load':
      return `load Xen ${e.build.version} as Live Update image`;
    case 'kexec.load_default':
      return `load ${e.build === null ? 'a kernel' : `Xen ${e.build.version}`} to reboot into`;
    case 'kexec.exec':
      return 'reboot into the kernel that is loaded';
    case 'xen2.panic':
      return `xen#2 stops: ${e.what}`;
    case 'kexec.unload':
      return 'unload the image';
    case 'lu.request':
      return 'request the update';
    case 'lu.park':
      return `park d${e.domid} at the restartable boundary`;
    case 'ioreq.send':
      return `d${e.domid}v${e.vcpu} asks its device emulator for an access`;
    case 'evtchn.reset':
      return `d${e.domid}v${e.vcpu} begins to reset the event channels of d${e.target}`;
    case 'grant.unmap':
      return `d${e.domid}v${e.vcpu} unmaps the grant of its handle ${e.handle}`;
    case 'sched.shutdown':
      return `d${e.domid}v${e.vcpu} shuts its domain down, reason ${e.reason}`;
    case 'sched.shutdown_code':
      return `d${e.domid}v${e.vcpu} stores shutdown code ${e.reason}`;
    case 'domctl.destroydomain':
      return `d${e.caller} destroys d${e.domid}`;
    case 'domctl.shadow_op':
      return `d${e.caller} asks for shadow_op ${e.op} on d${e.domid}`;
    case 'emulator.take':
      return `emulator takes the request of d${e.domid}v${e.vcpu}`;
    case 'emulator.respond':
      return `emulator answers d${e.domid}v${e.vcpu}`;
    case 'vcpu.complete-io':
      return `d${e.domid}v${e.vcpu} completes its emulation`;
    case 'tasklet.run':
      return `tasklet ${e.id} runs`;
    case 'rcu.run':
      return 'RCU callbacks run';
    case 'domain.kill':
      return `teardown of d${e.domid} goes on`;
    case 'paging.continue':
      return `shadow_op on d${e.domid} goes on`;
    case 'evtchn.reset-continue':
      return `d${e.domid}v${e.vcpu} finishes its event-channel reset`;
    case 'mm.put-old-table':
      return `d${e.domid}v${e.vcpu} puts its old page table`;
    case 'hypercall.finish':
      return `d${e.domid}v${e.vcpu} finishes its hypercall`;
    case 'lu.cancel':
      return 'cancel';
    case 'lu.timeout':
      return 'time-out';
    case 'lu.fail':
      return `failure: ${e.what}`;
    case 'lu.save.system':
      return 'save system-wide state';
    case 'lu.save.domain':
      return `save d${e.domid}`;
    case 'lu.save.seal':
      return 'write the stream and its MFN array';
    case 'lu.rollback':
      return 'undo everything';
    case 'lu.jump':
      return 'jump to xen#2: the point of no return';
    case 'xen2.boot':
      return 'xen#2 boots in bootmem';
    case 'xen2.map-stream':
      return 'xen#2 finds breadcrumb and stream';
    case 'xen2.reserve':
      return 'xen#2 reserves what must survive, opens its heap';
    case 'restore.0a':
      return `pass 0a: create d${e.domid}`;
    case 'restore.0b':
      return `pass 0b: P2M of d${e.domid}`;
    case 'restore.0c':
      return `pass 0c: vCPUs of d${e.domid}`;
    case 'restore.1':
      return `pass 1: pages and grant frames of d${e.domid}`;
    case 'restore.2':
      return `pass 2: everything else of d${e.domid}`;
    case 'restore.system':
      return 'restore what refers to several domains';
    case 'restore.verify':
      return 'verify all counts and pairs';
    case 'lu.resume':
      return `resume d${e.domid}`;
    case 'lu.settle':
      return 'xen#2 is the running Xen';
    default:
      return hostEventText(e);
  }
};

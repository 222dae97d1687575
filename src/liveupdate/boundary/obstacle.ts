/** What an obstacle to the save is, and what may take it away. */
import type { Design } from '../../design/design.ts';
import type { XenVersion } from '../../design/versions.ts';

/** What has to happen next for an obstacle to go away; null: nothing will. */
export type Progress =
  | {
      readonly type: 'emulator.take';
      readonly domid: number;
      readonly server: number;
      readonly vcpu: number;
    }
  | {
      readonly type: 'emulator.respond';
      readonly domid: number;
      readonly server: number;
      readonly vcpu: number;
    }
  | { readonly type: 'vcpu.complete-io'; readonly domid: number; readonly vcpu: number }
  | { readonly type: 'tasklet.run'; readonly id: number }
  | { readonly type: 'rcu.run' }
  | { readonly type: 'domain.kill'; readonly domid: number }
  | { readonly type: 'paging.continue'; readonly domid: number }
  | {
      readonly type: 'evtchn.reset-continue';
      readonly domid: number;
      readonly vcpu: number;
      readonly ports: null;
    }
  | {
      readonly type: 'domctl.soft_reset-continue';
      readonly domid: number;
      readonly vcpu: number;
      readonly ports: null;
    }
  | { readonly type: 'mm.put-old-table'; readonly domid: number; readonly vcpu: number }
  | { readonly type: 'hypercall.finish'; readonly domid: number; readonly vcpu: number };

export interface Obstacle {
  /** "d1v0", "d3", "host". */
  readonly where: string;
  readonly domid: number | null;
  readonly what: string;
  readonly sources: readonly string[];
  readonly progress: Progress | null;
  /** Somebody else may take it away, so there is hope without any progress of its own. */
  readonly mayEnd?: boolean;
}

/** Everything that the predicate depends on besides the host. */
export interface BoundaryContext {
  readonly design: Design;
  readonly from: XenVersion;
  readonly to: XenVersion;
}

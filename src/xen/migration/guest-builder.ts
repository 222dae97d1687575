/** Builds a guest image from the records of a stream as they are walked. */
import * as E from 'fp-ts/lib/Either.js';
import type { Endian } from '../../stream/framing/errors.ts';
import type { DomainHeader, ImageHeader } from '../../stream/framing/headers.ts';
import { type RecordHeader, viewOf } from '../../stream/framing/record.ts';
import type { Finding, PlacedFinding } from '../../stream/lint/finding.ts';
import type { BodyContext, RecordRule } from '../../stream/lint/format.ts';
import type { StreamSink } from '../../stream/lint/walk.ts';
import {
  decodeHvmParams,
  decodeP2mFrames,
  decodePvInfo,
  decodeTscInfo,
  type HvmParam,
  type P2mFrames,
  type PvInfo,
  type TscInfo,
} from './bodies.ts';
import type { GuestImage } from './guest-image.ts';
import { decodeHvmContext, type HvmDescriptor } from './hvm-context.ts';
import { highHalf, pfnOf, typeOf } from './page-data.ts';
import { PageLog } from './page-list.ts';
import { PageTables } from './page-tables.ts';
import { hasContents, LIBXC, tableLevel } from './record-types.ts';
import { decodeSharedInfo, type SharedInfo } from './shared-info.ts';
import { decodeHvmVcpus, decodePvVcpu, type HvmVcpu, type PvVcpu } from './vcpu-context.ts';

/** Told of every page that has contents and is no page table. */
export type OnPage = (pfn: number, contents: Uint8Array) => void;

/** Remarks kept; a stream can have one for every page. */
const REMARKS = 100;

export class GuestBuilder implements StreamSink {
  readonly #onPage: OnPage | undefined;
  readonly #log = new PageLog();
  readonly #tables = new PageTables();
  readonly #remarks: PlacedFinding[] = [];
  readonly #pvVcpus = new Map<number, PvVcpu>();
  readonly #policyBytes = { cpuid: 0, msr: 0 };
  #image: ImageHeader | undefined;
  #domain: DomainHeader | undefined;
  #pvInfo: PvInfo | undefined;
  #p2m: P2mFrames | undefined;
  #sharedInfo: SharedInfo | undefined;
  #tsc: TscInfo | undefined;
  #context: readonly HvmDescriptor[] = [];
  #hvmVcpus: readonly HvmVcpu[] = [];
  #params: readonly HvmParam[] = [];
  #error: PlacedFinding | undefined;
  /** Pfns of the current record's pages that have contents, and their types. */
  #itemPfns: number[] = [];
  #itemTypes: number[] = [];

  constructor(onPage?: OnPage) {
    this.#onPage = onPage;
  }

  /** What made the walk end, if it did not reach the stream's end. */
  get error(): PlacedFinding | undefined {
    return this.#error;
  }

  opened = (image: ImageHeader, domain: DomainHeader): void => {
    this.#image = image;
    this.#domain = domain;
  };

  header = (): void => {};

  finding = (layer: string, record: string, finding: Finding): boolean => {
    const placed = { ...finding, layer, record };
    if (finding.severity === 'error') {
      this.#error = placed;
      return false;
    }
    if (this.#remarks.length < REMARKS) this.#remarks.push(placed);
    return true;
  };

  list = (head: DataView, list: DataView, { little }: BodyContext): void => {
    this.#itemPfns = [];
    this.#itemTypes = [];
    const count = head.getUint32(0, little);
    for (let index = 0; index < count; index += 1) {
      const high = highHalf(list, index, little);
      const pfn = pfnOf(list, index, high, little);
      const type = typeOf(high);
      this.#log.push(pfn, type);
      if (tableLevel(type) === 0) this.#tables.drop(pfn);
      if (!hasContents(type)) continue;
      this.#itemPfns.push(pfn);
      this.#itemTypes.push(type);
    }
  };

  item = (index: number, contents: Uint8Array): void => {
    const pfn = this.#itemPfns[index] as number;
    if (tableLevel(this.#itemTypes[index] as number) > 0) {
      this.#tables.put(pfn, contents, this.#endian === 'little');
    } else this.#onPage?.(pfn, contents);
  };

  record = (
    layer: string,
    header: RecordHeader,
    _rule: RecordRule | undefined,
    _notes: readonly string[],
    body: Uint8Array | undefined,
  ): void => {
    if (layer !== 'libxc') return;
    if (header.type === LIBXC.X86_CPUID_POLICY) this.#policyBytes.cpuid = header.length;
    if (header.type === LIBXC.X86_MSR_POLICY) this.#policyBytes.msr = header.length;
    if (body !== undefined) this.#body(header.type, viewOf(body), this.#endian === 'little');
  };

  /** The guest, once the walk has reached the stream's end without error. */
  finish(): GuestImage | undefined {
    const [image, domain] = [this.#image, this.#domain];
    if (image === undefined || domain === undefined) return undefined;
    const common = {
      version: image.version,
      endian: image.endian,
      xen: { major: domain.xenMajor, minor: domain.xenMinor },
      tsc: this.#tsc,
      cpuidPolicyBytes: this.#policyBytes.cpuid,
      msrPolicyBytes: this.#policyBytes.msr,
      remarks: this.#remarks,
    };
    if (domain.type === 'hvm') {
      const [context, params, vcpus] = [this.#context, this.#params, this.#hvmVcpus];
      const pages = this.#log.finish();
      return { ...common, type: 'hvm', pages, context, params, vcpus };
    }
    const [p2m, sharedInfo, { width, levels }] = [this.#p2m, this.#sharedInfo, this.#words()];
    if (p2m === undefined || sharedInfo === undefined) return undefined;
    const vcpus = [...this.#pvVcpus.values()].sort((a, b) => a.id - b.id);
    const [pages, tables] = [this.#log.finish(), this.#tables];
    return { ...common, type: 'pv', pages, width, levels, p2m, tables, sharedInfo, vcpus };
  }

  /** Keeps what a body says; its rules have passed it. */
  #body(type: number, body: DataView, little: boolean): void {
    switch (type) {
      case LIBXC.X86_PV_INFO:
        this.#pvInfo = decodePvInfo(body);
        return;
      case LIBXC.X86_PV_P2M_FRAMES:
        this.#p2m = decodeP2mFrames(body, little);
        return;
      case LIBXC.SHARED_INFO:
        this.#sharedInfo = decodeSharedInfo(body, this.#words().width, little);
        return;
      case LIBXC.X86_PV_VCPU_BASIC: {
        // A record with a number and no context leaves the vCPU as it was.
        if (body.byteLength === 8) return;
        const vcpu = decodePvVcpu(body, this.#words().width, little);
        this.#pvVcpus.set(vcpu.id, vcpu);
        return;
      }
      case LIBXC.X86_TSC_INFO:
        this.#tsc = decodeTscInfo(body, little);
        return;
      case LIBXC.HVM_PARAMS:
        this.#params = decodeHvmParams(body, little);
        return;
      case LIBXC.HVM_CONTEXT: {
        const chain = decodeHvmContext(body, little);
        if (E.isLeft(chain)) return;
        this.#context = chain.right;
        this.#hvmVcpus = decodeHvmVcpus(body, chain.right, little);
        return;
      }
    }
  }

  get #endian(): Endian {
    return this.#image?.endian ?? 'little';
  }

  /** Word size and levels; the rules have refused any others. */
  #words(): { readonly width: 4 | 8; readonly levels: 3 | 4 } {
    return this.#pvInfo?.width === 4 ? { width: 4, levels: 3 } : { width: 8, levels: 4 };
  }
}

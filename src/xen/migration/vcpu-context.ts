/** vCPUs of a stream: PV basic contexts, and CPU records of HVM contexts. */
import { HVM_SAVE, type HvmDescriptor } from './hvm-context.ts';
import { vcpuLayout } from './vcpu-layout.ts';
import { readWord } from './words.ts';

/** `VGCF_in_kernel` and `VGCF_online` of arch-x86/xen.h. */
const IN_KERNEL = 1n << 2n;
const ONLINE = 1n << 5n;

/** Registers by their usual names; 32-bit guests have `eax`, `eip` and so on. */
type Registers = Readonly<Record<string, bigint>>;

/** What X86_PV_VCPU_BASIC says of a vCPU. Frames are pfns in the stream. */
export interface PvVcpu {
  readonly id: number;
  readonly online: boolean;
  readonly inKernel: boolean;
  readonly registers: Registers;
  /** Root of the kernel's page tables. */
  readonly rootPfn: number;
  /** Root of the user's page tables, when a 64-bit guest has loaded one. */
  readonly userRootPfn: number | undefined;
  readonly gdtPfns: readonly number[];
  readonly gdtEntries: number;
  readonly ldtEntries: number;
}

/** What the CPU record of an HVM context says of a vCPU (F10.11). */
export interface HvmVcpu {
  readonly id: number;
  readonly registers: Registers;
}

/** Descriptors in a page. */
const GDT_ENTRIES_PER_PAGE = 512;
const GDT_PAGES = 16;

/** Decodes a record of 8 bytes and a `vcpu_guest_context` of `width`. */
export const decodePvVcpu = (body: DataView, width: 4 | 8, little: boolean): PvVcpu => {
  const layout = vcpuLayout(width);
  const word = (at: number): bigint => readWord(body, 8 + at, width, little);
  const cr = (index: number): bigint => word(layout.controlRegisters + width * index);
  const flags = word(layout.flags);
  const gdtEntries = Number(word(layout.gdtEntries));
  const gdtPages = Math.min(GDT_PAGES, Math.ceil(gdtEntries / GDT_ENTRIES_PER_PAGE));
  const registers = Object.entries(layout.registers).map(([name, at]) => [name, word(at)] as const);
  return {
    id: body.getUint32(0, little),
    online: (flags & ONLINE) !== 0n,
    inKernel: (flags & IN_KERNEL) !== 0n,
    registers: {
      ...Object.fromEntries(registers),
      cr0: cr(0),
      cr2: cr(2),
      cr3: cr(3),
      cr4: cr(4),
    },
    rootPfn: rootOf(cr(3), width),
    // The user's root lies in the place of cr1; bit 0 says that there is one.
    userRootPfn: width === 8 && (cr(1) & 1n) === 1n ? rootOf(cr(1), width) : undefined,
    gdtPfns: Array.from({ length: gdtPages }, (_, i) => Number(word(layout.gdtFrames + width * i))),
    gdtEntries,
    ldtEntries: Number(word(layout.ldtEntries)),
  };
};

/** A 32-bit guest's cr3 is rotated, so that frames above 4 GiB fit. */
const rootOf = (cr3: bigint, width: 4 | 8): number =>
  width === 8 ? Number(cr3 >> 12n) : Number(((cr3 >> 12n) | (cr3 << 20n)) & 0xffffffffn);

const HVM_REGISTERS_AT = 512;
const HVM_REGISTERS = [
  ...['rax', 'rbx', 'rcx', 'rdx', 'rbp', 'rsi', 'rdi', 'rsp'],
  ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'],
  ...['rip', 'rflags', 'cr0', 'cr2', 'cr3', 'cr4'],
] as const;

/** vCPUs with a CPU record; one without is down (F10.9). */
export const decodeHvmVcpus = (
  blob: DataView,
  chain: readonly HvmDescriptor[],
  little: boolean,
): readonly HvmVcpu[] =>
  chain
    .filter(({ code }) => code === HVM_SAVE.CPU)
    .filter(({ length }) => length >= HVM_REGISTERS_AT + 8 * HVM_REGISTERS.length)
    .map(({ instance, offset }) => ({
      id: instance,
      registers: Object.fromEntries(
        HVM_REGISTERS.map((name, i) => [
          name,
          blob.getBigUint64(offset + HVM_REGISTERS_AT + 8 * i, little),
        ]),
      ),
    }));

/**
 * Where things lie in `struct vcpu_guest_context`, for guests of 64 and of
 * 32 bits (public arch-x86/xen.h, xen-x86_64.h, xen-x86_32.h).
 */

/** Byte offsets in the structure; all words are `word` bytes. */
export interface VcpuLayout {
  readonly word: 4 | 8;
  readonly bytes: number;
  readonly flags: number;
  readonly registers: Readonly<Record<string, number>>;
  readonly gdtFrames: number;
  readonly gdtEntries: number;
  readonly ldtBase: number;
  readonly ldtEntries: number;
  readonly controlRegisters: number;
}

const at = (base: number, step: number, names: readonly string[]) =>
  Object.fromEntries(names.map((name, i) => [name, base + step * i]));

const WIDE: VcpuLayout = {
  word: 8,
  bytes: 5168,
  flags: 512,
  registers: {
    ...at(520, 8, ['r15', 'r14', 'r13', 'r12', 'rbp', 'rbx', 'r11', 'r10', 'r9', 'r8']),
    ...at(600, 8, ['rax', 'rcx', 'rdx', 'rsi', 'rdi']),
    rip: 648,
    rflags: 664,
    rsp: 672,
  },
  ldtBase: 4816,
  ldtEntries: 4824,
  gdtFrames: 4832,
  gdtEntries: 4960,
  controlRegisters: 4984,
};

const NARROW: VcpuLayout = {
  word: 4,
  bytes: 2800,
  flags: 512,
  registers: {
    ...at(516, 4, ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp', 'eax']),
    eip: 548,
    eflags: 556,
    esp: 560,
  },
  ldtBase: 2632,
  ldtEntries: 2636,
  gdtFrames: 2640,
  gdtEntries: 2704,
  controlRegisters: 2716,
};

/** The layout for guests whose words have `width` bytes. */
export const vcpuLayout = (width: 4 | 8): VcpuLayout => (width === 8 ? WIDE : NARROW);

/** Bytes of the structure. */
export const vcpuContextBytes = (width: 4 | 8): number => vcpuLayout(width).bytes;

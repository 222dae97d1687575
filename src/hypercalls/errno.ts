/** Error numbers as guests see them in rax, public/errno.h. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  ENOSYS: 38,
  ETIME: 62,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
} as const;

/**
 * A result as the low 32 bits of rax: -EBUSY is 0xfffffff0. The model's
 * registers are exact doubles, so the sign extension to 64 bits is left out.
 */
export const resultWord = (result: number): number => result >>> 0;

/** The result word of a refused hypercall; an unknown name is -EINVAL. */
export const errorWord = (errno: string): number =>
  resultWord(-((ERRNO as Readonly<Record<string, number>>)[errno] ?? ERRNO.EINVAL));

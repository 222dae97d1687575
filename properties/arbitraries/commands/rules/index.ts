/** The rules of all events: the compiler asks for one when an event is added. */
import type { Rules } from '../rule.ts';
import { deferredRules, ioreqRules } from './deferred.ts';
import { domctlRules } from './domctls.ts';
import { eventRules } from './events.ts';
import { grantRules } from './grants.ts';
import { memoryRules, mmuRules } from './memory.ts';
import { vcpuRules } from './vcpus.ts';

export const rules: Rules = {
  ...eventRules,
  ...grantRules,
  ...memoryRules,
  ...mmuRules,
  ...vcpuRules,
  ...domctlRules,
  ...ioreqRules,
  ...deferredRules,
};

/** Whether a record's length is one that its type may have. */
import type { RecordHeader } from '../framing/record.ts';
import type { Finding } from './finding.ts';
import type { RecordRule } from './format.ts';

const spelt = ({ minLength, maxLength, lengthUnit = 1 }: RecordRule): string => {
  const multiple = lengthUnit === 1 ? '' : `, a multiple of ${lengthUnit}`;
  if (minLength === maxLength) return `${minLength}${multiple}`;
  if (maxLength === Number.POSITIVE_INFINITY) return `${minLength} or more${multiple}`;
  return `${minLength} to ${maxLength}${multiple}`;
};

/** The finding, at the length field of the header, or nothing. */
export const lengthFinding = (header: RecordHeader, rule: RecordRule): readonly Finding[] => {
  const { length } = header;
  const unit = rule.lengthUnit ?? 1;
  if (length >= rule.minLength && length <= rule.maxLength && length % unit === 0) return [];
  return [
    {
      severity: 'error',
      offset: header.offset + 4,
      rule: rule.lengthFact ?? 'F10.3',
      message: `${rule.name} of ${length} bytes, not ${spelt(rule)}`,
    },
  ];
};

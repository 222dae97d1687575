/** Keyboard control. Keys that a field or a button needs for itself stay with it. */
import { useEffect } from 'preact/hooks';

export interface Keys {
  readonly forward: () => void;
  readonly back: () => void;
  readonly first: () => void;
  readonly last: () => void;
  readonly play: () => void;
  readonly violation: () => void;
  readonly jump: () => void;
  readonly search: () => void;
  readonly theme: () => void;
  readonly view: (n: number) => void;
}

const actionOf = (keys: Keys, key: string): (() => void) | null => {
  switch (key) {
    case 'ArrowRight':
      return keys.forward;
    case 'ArrowLeft':
      return keys.back;
    case 'Home':
      return keys.first;
    case 'End':
      return keys.last;
    case ' ':
      return keys.play;
    case 'v':
      return keys.violation;
    case 'p':
      return keys.jump;
    case '/':
      return keys.search;
    case 't':
      return keys.theme;
    default:
      return /^[1-9]$/.test(key) ? () => keys.view(Number(key)) : null;
  }
};

const isTaken = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches('input, select, textarea')) return true;
  return key === ' ' && target.matches('button, a, summary');
};

export const useKeys = (keys: Keys): void => {
  useEffect(() => {
    const press = (e: KeyboardEvent): void => {
      if (e.ctrlKey || e.metaKey || e.altKey || isTaken(e.target, e.key)) return;
      const action = actionOf(keys, e.key);
      if (action === null) return;
      e.preventDefault();
      action();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
};

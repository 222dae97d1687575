/** What every view is given. */
import type { Recording } from '../../inspect/recording/recording.ts';
import type { Player } from '../player.ts';

export interface ViewProps {
  readonly recording: Recording;
  /** Stands at `step`. */
  readonly player: Player;
  readonly step: number;
  readonly go: (step: number) => void;
}

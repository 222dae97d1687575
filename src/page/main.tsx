/** Entry of the page: the recording that is embedded in it, or why there is none. */
import { render } from 'preact';
import { RECORDING_FORMAT, type Recording } from '../inspect/recording/recording.ts';
import { App } from './app.tsx';
import './style/base.css';
import './style/views.css';
import './style/chart.css';

const read = (): Recording | string => {
  const text = document.getElementById('recording')?.textContent ?? '';
  if (text.trim() === '') return 'There is no recording in this page.';
  try {
    const recording = JSON.parse(text) as Recording;
    if (recording.format !== RECORDING_FORMAT || recording.version !== 1)
      return 'The recording in this page is of another version of xen-lu.';
    return recording;
  } catch {
    return 'The recording in this page is damaged: the file is not complete.';
  }
};

const root = document.getElementById('app');
const recording = read();
if (root !== null) {
  root.replaceChildren();
  if (typeof recording === 'string') render(<p class="alert">{recording}</p>, root);
  else {
    document.title = `${recording.story.title} - xen-lu`;
    render(<App recording={recording} />, root);
  }
}

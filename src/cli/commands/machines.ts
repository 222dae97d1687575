/** `xen-lu machines`: the statecharts of the model, as text, data and pictures. */
import { MACHINES } from '../../../machines/index.ts';
import { layOut } from '../../report/chart-layout.ts';
import { chartMermaid } from '../../report/chart-mermaid.ts';
import { chartModel } from '../../report/chart-model.ts';
import { chartSvg } from '../../report/chart-svg.ts';
import { machineListText, machineText } from '../../report/machines-text.ts';
import { type Command, EXIT, flag, json, usageError } from '../command.ts';

const FORMS = ['json', 'svg', 'mermaid'] as const;

export const machines: Command = {
  details: [
    'Without NAME: all machines, one line each. With NAME: its states, what',
    'leads out of each, and what it rests on; or a picture for a document.',
    'The same machine always gives the same picture.',
  ],
  optionHelp: [
    ['--json', 'states and transitions as JSON'],
    ['--svg', 'a picture, light or dark as its reader has it'],
    ['--mermaid', 'a stateDiagram-v2 for Mermaid'],
  ],
  options: {
    json: { type: 'boolean' },
    svg: { type: 'boolean' },
    mermaid: { type: 'boolean' },
  },
  run: async (values, [name, ...more], io) => {
    if (more.length > 0) return usageError('machines wants one NAME at most');
    const forms = FORMS.filter((form) => flag(values, form));
    const [form] = forms;
    if (forms.length > 1) return usageError(`--${forms.join(' and --')} exclude each other`);
    if (name === undefined) {
      if (form === 'svg' || form === 'mermaid') return usageError(`--${form} wants a NAME`);
      const charts = Object.values(MACHINES).map(chartModel);
      io.out(form === 'json' ? json(charts) : machineListText(charts));
      return EXIT.holds;
    }
    const machine = Object.hasOwn(MACHINES, name) ? MACHINES[name] : undefined;
    if (machine === undefined)
      return usageError(`no machine "${name}"; there are ${Object.keys(MACHINES).join(', ')}`);
    const chart = chartModel(machine);
    if (form === 'json') io.out(json(chart));
    else if (form === 'mermaid') io.out(chartMermaid(chart).trimEnd());
    else if (form === 'svg') io.out(chartSvg(await layOut(chart), true).trimEnd());
    else io.out(machineText(chart));
    return EXIT.holds;
  },
};

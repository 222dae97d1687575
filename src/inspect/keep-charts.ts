/** Run by the build, from the compiled tree. */
import { keepCharts } from './charts.ts';

await keepCharts();

import { z } from 'zod';
import type { TimeWindow } from '../base';
import type { AlertGroup } from '../model';
import { alerts } from './correlate/alerts';
import { changeContrast, type ChangeContrast } from './correlate/change-contrast';
import { changes } from './correlate/changes';
import { links } from './detect/links';
import { messages } from './detect/messages';
import { metrics } from './detect/metrics';
import { places } from './detect/places';
import { pulse } from './detect/pulse';
import { operations } from './detect/spans';
import { callsInOrder, linesInOrder } from './detect/order';
import { logTemplates } from './logs/shifts';
import { defineAnalysis } from './seam';
import type {
  AlertFact,
  ChangeFact,
  Graph,
  LinkTail,
  MessageShift,
  MetricShift,
  OrderShift,
  OperationShift,
  PlaceShift,
  TemplateShift,
} from './shifts';
import { graph } from './topology/graph';

/** Everything a ranking method may look at for one pair of windows. */
export interface Facts {
  readonly incident: TimeWindow;
  readonly baseline: TimeWindow;
  /** From the first to the last row of the case, and the incident. */
  readonly range: TimeWindow;
  /** Entity id of what was noticed, if somebody said so. */
  readonly symptom: string | undefined;
  /** The metric it was noticed in. */
  readonly symptomMetric: string | undefined;
  readonly graph: Graph;
  readonly operations: readonly OperationShift[];
  readonly places: readonly PlaceShift[];
  readonly metrics: readonly MetricShift[];
  readonly templates: readonly TemplateShift[];
  /** Log lines, and calls, that are followed by what never followed them before. */
  readonly lineOrder: readonly OrderShift[];
  readonly callOrder: readonly OrderShift[];
  /** Messages by who sends and who takes them. */
  readonly messages: readonly MessageShift[];
  /** Calls by the hosts at both ends. */
  readonly links: readonly LinkTail[];
  readonly alerts: readonly AlertFact[];
  readonly alertGroups: readonly AlertGroup[];
  readonly changes: readonly ChangeFact[];
  /** What the changes of these windows did, held against what they did not touch. */
  readonly contrasts: readonly ChangeContrast[];
  /** When an entity's first anomaly began, ms; from the pulse over time. */
  readonly onsets: ReadonlyMap<string, number>;
  /** Folds an instance, pod or container into what it is an instance of. */
  readonly fold: (entityId: string) => string;
}

export const facts = defineAnalysis({
  id: 'correlate.facts',
  kind: 'correlate',
  version: 3,
  title: 'Putting the signals side by side',
  cite: 'none: it gathers what the others found',
  params: z.object({}),
  uses: {
    operations,
    places,
    metrics,
    graph,
    templates: logTemplates,
    lineOrder: linesInOrder,
    callOrder: callsInOrder,
    messages,
    links,
    alerts,
    changes,
    changeContrast,
    pulse,
  },
  inputs: () => ({}),
  run: ({ scope, given }): Facts => ({
    incident: scope.incident,
    baseline: scope.baseline,
    range: scope.range,
    symptom: scope.request.symptom,
    symptomMetric: scope.request.symptomMetric,
    graph: given.graph.graph,
    operations: given.operations,
    places: given.places,
    metrics: given.metrics,
    templates: given.templates,
    lineOrder: given.lineOrder,
    callOrder: given.callOrder,
    messages: given.messages,
    links: given.links,
    alerts: given.alerts.alerts,
    alertGroups: given.alerts.groups,
    changes: given.changes,
    contrasts: given.changeContrast,
    onsets: given.pulse.onsets,
    fold: given.graph.fold,
  }),
});

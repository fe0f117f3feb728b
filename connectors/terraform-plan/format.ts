import {
  RowSink,
  headJson,
  headJsonLines,
  isJsonObject,
  jsonRecords,
  readRecords,
  type FileFormat,
  type Head,
  type JsonObject,
  type ReadChoices,
} from '../../core/connect';
import { PlanRows } from './plan';
import { UiRows } from './ui';

/**
 * Terraform (and OpenTofu): a plan by `terraform show -json`, and the lines that `terraform plan -json` and
 * `apply -json` print. Source: developer.hashicorp.com/terraform/internals/json-format and machine-readable-ui.
 */
export const terraformPlan: FileFormat = {
  id: 'terraform-plan',
  title: 'Terraform plan, JSON',
  tables: ['resources', 'changes', 'logs'],
  sniff,
  describe: () => ({
    signals: ['changes', 'logs'],
    time: 'text',
    zone: 'stated',
    clock: 'the machine on which terraform ran',
    guessed: false,
  }),
  read: (source, signal, choices) => {
    const reader = new Reader(choices);
    const records = jsonRecords(source, signal, {
      // Only the first holds changes; the others may be large, and are passed over.
      lists: ['resource_changes', ...PASSED_OVER],
      onRest: (rest, document) => {
        reader.plan.ends(document, rest['timestamp']);
      },
      shown: nameOf,
    });
    return readRecords(records, {
      sink: reader.sink,
      signal: 'changes',
      add: ({ path, document, value }, where) => reader.record(path, document, value, where),
      end: () => {
        reader.plan.end();
      },
    });
  },
};

const PASSED_OVER = [
  'resource_drift',
  'relevant_attributes',
  'checks',
  ...['planned_values', 'prior_state.values', 'configuration'].flatMap((tree) => [
    `${tree}.root_module.resources`,
    `${tree}.root_module.child_modules`,
  ]),
];

/** Of a change, and of a line, nothing but what it is about: values may be secrets. */
function nameOf(value: JsonObject): string {
  const name = value['address'] ?? value['type'];
  return typeof name === 'string' ? name : 'what it holds is not shown';
}

class Reader {
  readonly sink = new RowSink();
  readonly plan: PlanRows;
  private readonly ui: UiRows;

  constructor(choices: ReadChoices | undefined) {
    this.plan = new PlanRows(this.sink, choices);
    this.ui = new UiRows(this.sink, choices);
  }

  record(path: string | undefined, document: number, value: JsonObject, where: string): string {
    if (path === 'resource_changes') return this.plan.add(value, document, where);
    if (path !== undefined) return '';
    if ('@message' in value) return this.ui.add(value);
    if ('terraform_version' in value || 'format_version' in value) {
      this.sink.notices.add(
        'plan-without-changes',
        'info',
        (n) => `${n} plans or states name no changes of resources.`,
      );
      return '';
    }
    return 'it is neither a plan nor a line of terraform';
  }
}

function sniff(head: Head): { confidence: number; why: string } {
  const lines = headJsonLines(head);
  const line = lines.find(
    (one) => one['@module'] === 'terraform.ui' || one['@module'] === 'tofu.ui',
  );
  if (line && '@timestamp' in line) {
    return {
      confidence: 0.97,
      why: 'Lines of terraform: "@message" of the module "terraform.ui".',
    };
  }
  const plan = headJson(head);
  const isPlan =
    isJsonObject(plan) &&
    'format_version' in plan &&
    'terraform_version' in plan &&
    ('resource_changes' in plan || 'planned_values' in plan || 'output_changes' in plan);
  return isPlan
    ? { confidence: 0.97, why: 'A plan of terraform: "format_version" and "planned_values".' }
    : NO;
}

const NO = { confidence: 0, why: '' };

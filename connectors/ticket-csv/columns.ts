/** What Faultline looks for in a table of tickets. */
export type Field =
  | 'id'
  | 'title'
  | 'type'
  | 'status'
  | 'priority'
  | 'created'
  | 'started'
  | 'planned'
  | 'resolved'
  | 'closed'
  | 'service'
  | 'item'
  | 'component'
  | 'assignee'
  | 'group'
  | 'resolution'
  | 'environment'
  | 'project'
  | 'labels'
  | 'description';

/** ServiceNow's field names and its labels, the surest first. Source: the incident and change_request tables. */
const SERVICENOW: Readonly<Record<Field, readonly string[]>> = {
  id: ['number'],
  title: ['short_description', 'short description'],
  type: ['sys_class_name', 'task type', 'type'],
  status: ['state', 'incident_state', 'incident state'],
  priority: ['priority'],
  created: ['opened_at', 'opened', 'sys_created_on', 'created'],
  started: ['work_start', 'actual start date', 'actual start'],
  planned: ['start_date', 'planned start date', 'planned start'],
  resolved: ['resolved_at', 'resolved', 'work_end', 'actual end date', 'actual end'],
  closed: ['closed_at', 'closed'],
  service: ['business_service', 'business service', 'service', 'service_offering'],
  item: ['cmdb_ci', 'configuration item'],
  component: [],
  assignee: ['assigned_to', 'assigned to'],
  group: ['assignment_group', 'assignment group'],
  resolution: ['close_code', 'resolution code', 'close code'],
  environment: ['u_environment', 'environment'],
  project: [],
  labels: ['category'],
  description: ['description'],
};

/** Columns of Jira's CSV export ("Export Excel CSV"); some stand several times. */
const JIRA: Readonly<Record<Field, readonly string[]>> = {
  id: ['issue key', 'key'],
  title: ['summary'],
  type: ['issue type'],
  status: ['status'],
  priority: ['priority'],
  created: ['created'],
  started: ['custom field (actual start)', 'custom field (change start date)'],
  planned: ['custom field (planned start)', 'custom field (start date)'],
  resolved: ['resolved', 'resolution date'],
  closed: [],
  service: ['custom field (affected services)', 'affected services'],
  item: [],
  component: ['components', 'component/s', 'component'],
  assignee: ['assignee'],
  group: ['custom field (team)', 'team name'],
  resolution: ['resolution'],
  environment: ['environment'],
  project: ['project key', 'project name'],
  labels: ['labels'],
  description: ['description'],
};

export interface Columns {
  readonly tool: 'servicenow' | 'jira';
  /** Places of the columns of a field; several where a name stands several times. */
  readonly at: Readonly<Partial<Record<Field, readonly number[]>>>;
}

/** Which columns a table of tickets has; undefined where its names are neither ServiceNow's nor Jira's. */
export function columnsOf(header: readonly string[]): Columns | undefined {
  const names = header.map((name) => name.trim().toLowerCase());
  const jira = names.includes('issue key') && names.includes('summary');
  const servicenow =
    names.includes('number') &&
    (names.includes('short_description') || names.includes('short description'));
  if (!jira && !servicenow) return undefined;
  const tool = jira ? 'jira' : 'servicenow';
  const at: Partial<Record<Field, readonly number[]>> = {};
  for (const [field, known] of Object.entries(jira ? JIRA : SERVICENOW) as [Field, string[]][]) {
    for (const name of known) {
      const places = names.flatMap((one, i) => (one === name ? [i] : []));
      if (places.length === 0) continue;
      // A later name stands in where an earlier one is empty.
      at[field] = [...(at[field] ?? []), ...places];
    }
  }
  const timed = at.created ?? at.started ?? at.planned;
  return timed ? { tool, at } : undefined;
}

/** Answers of labelled incident sets: an investigation must not see them. */
export function isAnswerName(name: string): boolean {
  return /(^|[/\\])(truth\.jsonl?|groups\.jsonl)(\.gz)?$/i.test(name);
}

export function isAnswerText(head: string): boolean {
  return (
    /^\s*\{[^{]*"(root_cause|fault_id)"\s*:/.test(head) &&
    /"(injected_at|fingerprint)"\s*:/.test(head)
  );
}

/** What Trino says of a statement at its end (trino.io/docs/current/develop/client-protocol.html). */
export interface TrinoResult {
  readonly rows: readonly (readonly unknown[])[];
  readonly stats: { readonly processedRows: number; readonly physicalInputBytes: number };
}

interface Page {
  readonly nextUri?: string;
  readonly data?: readonly (readonly unknown[])[];
  readonly stats: TrinoResult['stats'];
  /** Errors of a statement come with status 200. */
  readonly error?: { readonly errorName: string; readonly message: string };
}

/** Runs a statement to its end. */
export async function askTrino(url: string, sql: string): Promise<TrinoResult> {
  // Without the second header times come to the millisecond.
  const headers = {
    'X-Trino-User': 'tests',
    'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
  };
  const page = async (answer: Promise<Response>): Promise<Page> => {
    const response = await answer;
    if (!response.ok) throw new Error(`Trino answered ${response.status}.`);
    return (await response.json()) as Page;
  };
  const rows: (readonly unknown[])[] = [];
  let at = await page(fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql }));
  for (;;) {
    if (at.error) throw new Error(`${at.error.errorName}: ${at.error.message}`);
    rows.push(...(at.data ?? []));
    if (at.nextUri === undefined) return { rows, stats: at.stats };
    at = await page(fetch(at.nextUri, { headers }));
  }
}

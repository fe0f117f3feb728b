import type { Page } from '@playwright/test';
import { createHostClient, type HostApi, type HostBridge, type HostEvent } from '../../core/host';

interface WithBridge {
  readonly faultlineHost: HostBridge;
  heard?: HostEvent[];
}

/** The host as Electron's page reaches it, from the test's process. */
export async function bridgeOf(page: Page): Promise<{ bridge: HostBridge; host: HostApi }> {
  const listeners = new Set<(event: HostEvent) => void>();
  await page.exposeFunction('faultlineTestEvent', (event: HostEvent) => {
    for (const listener of listeners) listener(event);
  });
  await page.evaluate(() => {
    const { faultlineHost, faultlineTestEvent } = window as unknown as WithBridge & {
      readonly faultlineTestEvent: (event: unknown) => Promise<void>;
    };
    faultlineHost.onEvent((event) => {
      // An exposed function takes JSON: bytes travel as a list.
      const plain = JSON.parse(
        JSON.stringify(event, (_, value: unknown) =>
          value instanceof Uint8Array ? { bytes: [...value] } : value,
        ),
      ) as unknown;
      void faultlineTestEvent(plain);
    });
  });
  const bridge: HostBridge = {
    call: (method, args) =>
      page.evaluate(
        ([name, list]) => {
          const { faultlineHost } = window as unknown as WithBridge;
          return faultlineHost.call(name, list);
        },
        [method, args] as const,
      ),
    onEvent: (listener) => {
      const hear = (event: HostEvent): void => listener(withBytes(event));
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
  };
  return { bridge, host: createHostClient(bridge) };
}

function withBytes(event: HostEvent): HostEvent {
  return JSON.parse(JSON.stringify(event), (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'bytes' in value
      ? Uint8Array.from(value.bytes as number[])
      : value,
  ) as HostEvent;
}

/** Keeps a list of the commands that the shell sends, in the page. */
export async function recordCommands(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const own = window as unknown as WithBridge;
    const heard = (own.heard ??= []);
    own.faultlineHost.onEvent((event) => heard.push(event));
  });
  return () =>
    page.evaluate(() =>
      ((window as unknown as WithBridge).heard ?? []).map((event) =>
        event.kind === 'command' ? event.command.id : event.kind,
      ),
    );
}

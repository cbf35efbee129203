import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, type Api, clientOf, type Options, sender } from "./api.ts";
import type { Access } from "./stack.ts";

/** A write that the system has acknowledged, and how. */
export type Acknowledged = {
  readonly method: string;
  readonly path: string;
  readonly options: Options;
  readonly answer: Answer<unknown>;
};

/** What a client sees of faults before a write is acknowledged. */
export type Seen = Record<string, number>;

/** How long a client goes on trying: longer than anything it waits for is away. */
const patienceMs = 60_000;
const pauseMs = 200;

/** Whether the request may still be carried out: it is tried again, under the same key. */
const isPassing = (status: number): boolean => status >= 500 || status === 429;

/**
 * A client that gives each write a key and repeats it until somebody answers, as a good client does: whatever was lost,
 * the request or the answer, nothing happens twice.
 */
export const persistentClient = (access: Access) => {
  const send = sender(access);
  const acknowledged: Acknowledged[] = [];
  const seen: Seen = {};
  const note = (what: string): void => {
    seen[what] = (seen[what] ?? 0) + 1;
  };

  const api: Api = clientOf(async (method, path, given = {}) => {
    const isWrite = method !== "GET";
    const options = isWrite ? { ...given, headers: { "idempotency-key": randomUUID(), ...given.headers } } : given;
    const until = Date.now() + patienceMs;
    for (;;) {
      try {
        const answer = await send<never>(method, path, options);
        if (!isPassing(answer.status)) {
          if (isWrite && answer.status < 300) acknowledged.push({ method, path, options, answer });
          return answer;
        }
        note(`${answer.status} ${(answer.body as { code?: string } | undefined)?.code ?? ""}`);
        if (Date.now() > until) return answer;
      } catch (error) {
        note(error instanceof Error ? error.name : String(error));
        if (Date.now() > until) throw error;
      }
      await delay(pauseMs);
    }
  });

  return {
    api,
    /** The same without patience. */
    once: clientOf(send),
    acknowledged: (): readonly Acknowledged[] => acknowledged,
    seen: (): Readonly<Seen> => seen,
    /** Sends an acknowledged write once more, as it was. */
    repeat: ({ method, path, options }: Acknowledged): Promise<Answer<unknown>> => send(method, path, options),
  };
};

export type PersistentClient = ReturnType<typeof persistentClient>;

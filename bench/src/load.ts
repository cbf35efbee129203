import type { Contender } from "./contender.ts";
import { type HttpReply, type HttpRequest, openConnection } from "./http-connection.ts";

export const CONNECTIONS = 32;

/** What one connection asks, again and again. */
export type Script = { readonly next: () => HttpRequest; readonly took?: (reply: HttpReply) => void };

/** Makes each connection's script; `connection` counts from 0. */
export type Workload = (contender: Contender, connection: number) => Script;

export type Measured = { readonly requests: number; readonly elapsedMs: number };

/**
 * A closed loop: each connection asks again as soon as it is answered, until the time is up. Throws on any answer that is
 * no success, since a refusal is cheaper than an answer.
 */
export const load = async (contender: Contender, workload: Workload, durationMs: number): Promise<Measured> => {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => openConnection(contender.baseUrl, contender.headers)),
  );
  let requests = 0;
  const startedMs = performance.now();
  const untilMs = startedMs + durationMs;
  try {
    await Promise.all(
      connections.map(async (connection, index) => {
        const { next, took } = workload(contender, index);
        while (performance.now() < untilMs) {
          const request = next();
          const reply = await connection.send(request);
          if (reply.status !== 200) {
            throw new Error(
              `${contender.name}: ${request.method} ${request.path}: ${reply.status} ${reply.body.toString()}`,
            );
          }
          requests += 1;
          took?.(reply);
        }
      }),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
  return { requests, elapsedMs: performance.now() - startedMs };
};

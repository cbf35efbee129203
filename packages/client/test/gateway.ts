/** One request as the client sent it. */
export type Sent = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
};

type Reply = Response | Error | ((sent: Sent, signal: AbortSignal) => Response | Promise<Response>);

/** Stands in for the gateway: answers with the replies in turn, the last one for good, and keeps what it was sent. */
export const gateway = (...replies: readonly [Reply, ...Reply[]]) => {
  const sent: Sent[] = [];
  const send: typeof fetch = async (input, init = {}) => {
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    const { method = "GET", headers, body, signal } = init;
    const text = typeof body === "string" ? body : undefined;
    const one: Sent = {
      method,
      path: pathname,
      query: searchParams,
      headers: new Headers(headers),
      body: text === undefined ? undefined : JSON.parse(text),
    };
    const reply = replies[sent.length] ?? replies.at(-1);
    sent.push(one);
    signal?.throwIfAborted();
    if (reply instanceof Error) throw reply;
    if (typeof reply === "function") return reply(one, signal ?? new AbortController().signal);
    if (reply === undefined) throw new Error("no reply");
    return reply.clone();
  };
  return { sent, fetch: send };
};

export const json = (body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { headers: { "content-type": "application/json", ...headers } });

export const problem = (status: number, code: string, extras: object = {}, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({ type: `/problems/${code}`, title: "", status, detail: code, code, requestId: "r-1", ...extras }),
    { status, headers: { "content-type": "application/problem+json", ...headers } },
  );

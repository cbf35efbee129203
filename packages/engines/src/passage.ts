import { connect, createServer, type Server, type Socket } from "node:net";

/** How a way is closed: connections are reset and refused, or taken and never answered, as by a network that drops packets. */
export type Closure = "refused" | "silent";

/** A way to a server that tests can close and open again, as a network between two machines would. */
export type Passage = {
  /** The server's URL with the passage's address in it. */
  readonly url: string;
  readonly close: (how: Closure) => void;
  /** Nothing happens where it is open. */
  readonly open: () => Promise<void>;
  /** Ends it and every connection through it. */
  readonly stop: () => void;
};

type Pair = { readonly near: Socket; readonly far: Socket };

/** Opens a passage to the server of a URL, which may name one only. */
export const openPassage = async (targetUrl: string): Promise<Passage> => {
  const target = new URL(targetUrl);
  const pairs = new Set<Pair>();
  let closed: Closure | undefined;

  const join = (near: Socket): void => {
    const pair = { near, far: connect(Number(target.port), target.hostname) };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      pair.far.destroy();
    };
    for (const [from, to] of [
      [near, pair.far],
      [pair.far, near],
    ] as const) {
      from.on("error", end);
      from.on("close", end);
      from.pipe(to);
    }
    if (closed === "silent") mute(pair);
  };

  let server = await listen(join);
  const { port } = server.address() as { port: number };
  const reset = (): void => {
    for (const { near } of pairs) near.resetAndDestroy();
  };

  return {
    url: Object.assign(new URL(targetUrl), { hostname: "127.0.0.1", port: String(port) }).href,
    close: (how) => {
      closed = how;
      if (how === "silent") return pairs.forEach(mute);
      server.close();
      reset();
    },
    open: async () => {
      if (closed === undefined) return;
      if (closed === "refused") server = await listen(join, port);
      closed = undefined;
      // What was sent into the silence is not to arrive minutes later.
      reset();
    },
    stop: () => {
      server.close();
      reset();
    },
  };
};

const mute = ({ near, far }: Pair): void => {
  near.unpipe(far).pause();
  far.unpipe(near).pause();
};

const listen = (join: (socket: Socket) => void, port = 0): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(join);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

import { type HttpRequest, openConnection } from "./http-connection.ts";

/** The gateway, asked one thing at a time. */
export type Api = {
  readonly get: <Shape>(path: string) => Promise<Shape>;
  readonly post: <Shape>(path: string, body?: object) => Promise<Shape>;
  readonly close: () => void;
};

/** Calls throw on any answer that is no success. */
export const openApi = async (baseUrl: string, headers: Readonly<Record<string, string>>): Promise<Api> => {
  const connection = await openConnection(baseUrl, headers);
  const must = async <Shape>(request: HttpRequest): Promise<Shape> => {
    const { status, body } = await connection.send(request);
    if (status !== 200) throw new Error(`${request.method} ${request.path}: ${status} ${body.toString()}`);
    return JSON.parse(body.toString());
  };
  return {
    get: (path) => must({ method: "GET", path }),
    post: (path, body = {}) => must({ method: "POST", path, body }),
    close: connection.close,
  };
};

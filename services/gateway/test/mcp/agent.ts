import { Client, type ClientOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { onTestFinished } from "vitest";

/** A client of the protocol's own library, connected to a gateway; gone when the test ends. */
export const connectAgent = async (
  url: string,
  {
    credential = "good",
    path = "/mcp",
    headers = {},
    options = {},
  }: {
    readonly credential?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly options?: ClientOptions;
  } = {},
): Promise<Client> => {
  const client = new Client({ name: "test", version: "1" }, options);
  const transport = new StreamableHTTPClientTransport(new URL(url + path), {
    requestInit: { headers: { authorization: `Bearer ${credential}`, ...headers } },
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
};

/** The problem that a refused tool answered. */
export const refusalIn = (result: Awaited<ReturnType<Client["callTool"]>>) => {
  const [content] = result.content;
  if (result.isError !== true || content?.type !== "text") throw new Error(`no refusal: ${JSON.stringify(result)}`);
  return JSON.parse(content.text) as {
    code: string;
    status: number;
    detail: string;
    requestId: string;
    errors?: { pointer?: string; parameter?: string; code: string }[];
    metadata?: Record<string, string>;
  };
};

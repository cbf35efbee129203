import { MongoClient } from "mongodb";

/** The server's name and version, once it answers. Throws when it does not within `timeoutMs`. */
export const greetMongo = async (uri: string, timeoutMs: number): Promise<string> => {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: timeoutMs, connectTimeoutMS: timeoutMs });
  try {
    const info = await client.db("admin").command({ buildInfo: 1 });
    const ferretdb: unknown = info["ferretdb"]?.["version"];
    return typeof ferretdb === "string" ? `FerretDB ${ferretdb}` : `MongoDB ${String(info["version"])}`;
  } finally {
    await client.close();
  }
};

/** Floor (a): Express and the driver, in one process. Also groups deals live, as a report without projections would. */
import { createServer } from "node:http";
import { MongoClient } from "mongodb";
import { collection, database, mongoUrl, serve } from "./announce.ts";
import { leadCollection } from "./lead-collection.ts";
import { leadRoutes } from "./rest.ts";

const app = leadRoutes(await leadCollection(mongoUrl, database, collection));
const client = await new MongoClient(mongoUrl).connect();
const deals = client.db(database).collection("deals");

app.get("/v1/reports/sales", async (_request, response) => {
  const rows = await deals
    .aggregate([
      {
        $group: {
          _id: "$ownerId",
          wonCount: { $sum: { $cond: [{ $eq: ["$status", "WON"] }, 1, 0] } },
          lostCount: { $sum: { $cond: [{ $eq: ["$status", "LOST"] }, 1, 0] } },
          wonValue: { $sum: { $cond: [{ $eq: ["$status", "WON"] }, "$value", 0] } },
        },
      },
    ])
    .toArray();
  response.json({ rows });
});

await serve(createServer(app));

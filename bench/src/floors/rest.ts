import express, { type Express, type Response } from "express";
import { Lead, Lead_Status } from "@keynode/contracts/crm/lead/v1/lead";
import type { LeadCollection } from "./lead-collection.ts";

const answer = (response: Response, lead: Lead | undefined): void => {
  if (lead) response.set("etag", `"${lead.etag}"`).json(lead);
  else response.status(404).json({});
};

const isStatus = (value: unknown): value is Lead["status"] => typeof value === "string" && value in Lead_Status;

/** The routes of leads over whatever answers for them: JSON in, JSON out, and nothing checked. */
export const leadRoutes = (leads: LeadCollection): Express => {
  const app = express().disable("x-powered-by").disable("etag").use(express.json());
  app.post("/v1/leads", async ({ body }, response) => answer(response, await leads.create(Lead.fromPartial(body))));
  app.get("/v1/leads", async ({ query }, response) => {
    const status = isStatus(query["status"]) ? query["status"] : "NEW";
    response.json({ leads: await leads.newest(status, Number(query["pageSize"])) });
  });
  app.get("/v1/leads/:id", async ({ params }, response) => answer(response, await leads.get(params.id)));
  app.patch("/v1/leads/:id", async ({ params, headers, body }, response) => {
    const version = Number(headers["if-match"]?.replaceAll('"', ""));
    answer(response, await leads.setCompany(params.id, version, body.company));
  });
  return app;
};

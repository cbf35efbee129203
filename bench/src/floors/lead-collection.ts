import { randomUUID } from "node:crypto";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { MongoClient } from "mongodb";

/** A lead as the floors keep it. */
export type LeadDocument = Omit<Lead, "id" | "etag"> & { _id: string; version: number };

export const toLead = ({ _id, version, ...fields }: LeadDocument): Lead => ({
  ...fields,
  id: _id,
  etag: String(version),
});

/** What both floors do with leads: the least that answers, over the plain driver. */
export const leadCollection = async (mongoUrl: string, database: string, collection: string) => {
  const client = await new MongoClient(mongoUrl, { ignoreUndefined: true, useBigInt64: true }).connect();
  const leads = client.db(database).collection<LeadDocument>(collection);
  return {
    create: async (lead: Lead): Promise<Lead> => {
      const { id: _id, etag: _etag, ...fields } = lead;
      const now = new Date();
      const document: LeadDocument = {
        ...fields,
        _id: randomUUID(),
        version: 1,
        status: "NEW",
        createTime: now,
        updateTime: now,
      };
      await leads.insertOne(document);
      return toLead(document);
    },
    get: async (id: string): Promise<Lead | undefined> => {
      const document = await leads.findOne({ _id: id });
      return document ? toLead(document) : undefined;
    },
    newest: async (status: Lead["status"], pageSize: number): Promise<Lead[]> =>
      (await leads.find({ status }, { sort: { createTime: -1 }, limit: pageSize }).toArray()).map(toLead),
    /** Undefined when the lead is not at that version any more. */
    setCompany: async (id: string, version: number, company: string): Promise<Lead | undefined> => {
      const document = await leads.findOneAndUpdate(
        { _id: id, version },
        { $set: { company, updateTime: new Date() }, $inc: { version: 1 } },
        { returnDocument: "after" },
      );
      return document ? toLead(document) : undefined;
    },
  };
};

export type LeadCollection = Awaited<ReturnType<typeof leadCollection>>;

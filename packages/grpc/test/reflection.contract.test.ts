import { once } from "node:events";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials } from "@grpc/grpc-js";
import {
  ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionService,
} from "@keynode/contracts/grpc/reflection/v1/reflection";
import { expect, test } from "vitest";
import { serve } from "./fixture.ts";

type Question = Parameters<typeof ServerReflectionRequest.fromPartial>[0];

const ask = async (address: string, question: Question, version: "v1" | "v1alpha" = "v1") => {
  const client = new Client(address, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = ServerReflectionService.serverReflectionInfo;
  const stream = client.makeBidiStreamRequest(
    path.replace(".v1.", `.${version}.`),
    requestSerialize,
    responseDeserialize,
  );
  stream.write(ServerReflectionRequest.fromPartial(question));
  stream.end();
  const [response] = (await once(stream, "data")) as [ServerReflectionResponse];
  stream.cancel();
  stream.on("error", () => undefined);
  client.close();
  return response;
};

const filesIn = ({ fileDescriptorResponse }: ServerReflectionResponse) =>
  (fileDescriptorResponse?.fileDescriptorProto ?? []).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));

/** The order in which a registry takes files. Throws when an import is not among them. */
const importsFirst = (files: readonly FileDescriptorProto[]): FileDescriptorProto[] => {
  const sorted = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto): void => {
    for (const name of file.dependency) {
      const imported = files.find((candidate) => candidate.name === name);
      if (imported === undefined) throw new Error(`${file.name} imports ${name}, which was not described`);
      if (!sorted.has(imported)) add(imported);
    }
    sorted.add(file);
  };
  for (const file of files) add(file);
  return [...sorted];
};

test.each(["v1", "v1alpha"] as const)("%s lists this server's services and no others", async (version) => {
  const { address } = await serve();
  const { listServicesResponse } = await ask(address, { listServices: "" }, version);
  expect(listServicesResponse?.service.map(({ name }) => name)).toEqual([
    "crm.lead.v1.LeadService",
    "crm.chassis.v1.JournalService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
  ]);
});

test.each([
  "crm.lead.v1.LeadService",
  "crm.lead.v1.LeadService.GetLead",
  "crm.lead.v1.Lead.name",
  "crm.lead.v1.Lead.Status",
])("%s is described by files that need no others", async (symbol) => {
  const { address } = await serve();
  const files = filesIn(await ask(address, { fileContainingSymbol: symbol }));
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(files) }));
  expect(registry.getMessage("crm.lead.v1.Lead")).toBeDefined();
});

test("the messages of another service are not described", async () => {
  const { address } = await serve();
  expect(await ask(address, { fileContainingSymbol: "crm.contract.v1.Contract" })).toMatchObject({
    errorResponse: { errorCode: 5 },
  });
});

test("files and extensions are found by name and number", async () => {
  const { address } = await serve();
  const [file] = filesIn(await ask(address, { fileByFilename: "crm/lead/v1/lead.proto" }));
  expect(file?.name).toBe("crm/lead/v1/lead.proto");
  const options = "google.protobuf.MethodOptions";
  const { allExtensionNumbersResponse } = await ask(address, { allExtensionNumbersOfType: options });
  expect(allExtensionNumbersResponse?.extensionNumber).toContain(51_000);
  const extension = { containingType: options, extensionNumber: 51_000 };
  const [rules] = filesIn(await ask(address, { fileContainingExtension: extension }));
  expect(rules?.name).toBe("crm/options/v1/options.proto");
});

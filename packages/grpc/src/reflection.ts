import { type DescExtension, type DescFile, type FileRegistry, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type handleBidiStreamingCall, type Server, status as codes } from "@grpc/grpc-js";
import {
  type FileDescriptorResponse,
  type ServerReflectionRequest,
  ServerReflectionResponse,
  ServerReflectionService,
} from "@keynode/contracts/grpc/reflection/v1/reflection";

/** Older tools ask under this name; the messages are the same. */
const ALPHA_PATH = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/** Messages that ride in `grpc-status-details-bin`: tools look them up to show them. */
const ERROR_DETAILS = ["google/rpc/status.proto", "google/rpc/error_details.proto"];

/** What reflection knows: the files of the server's own services and what those import. */
type Index = {
  readonly files: ReadonlyMap<string, DescFile>;
  readonly symbols: ReadonlyMap<string, DescFile>;
  readonly extensions: readonly DescExtension[];
};

/** grpc.reflection.v1 for this server's services, comments included. Needs no credential. */
export const serveReflection = (server: Server, services: readonly string[], registry: FileRegistry): void => {
  let index: Index | undefined;
  const answer = (request: ServerReflectionRequest): ServerReflectionResponse => {
    index ??= indexOf(services, registry);
    return ServerReflectionResponse.fromPartial({
      validHost: request.host,
      originalRequest: request,
      ...answerOf(request, services, index),
    });
  };
  const serverReflectionInfo: handleBidiStreamingCall<ServerReflectionRequest, ServerReflectionResponse> = (rpc) => {
    rpc.on("data", (request: ServerReflectionRequest) => rpc.write(answer(request)));
    rpc.on("end", () => rpc.end());
  };
  server.addService(ServerReflectionService, { serverReflectionInfo });
  const alpha = { ...ServerReflectionService.serverReflectionInfo, path: ALPHA_PATH };
  server.addService({ serverReflectionInfo: alpha }, { serverReflectionInfo });
};

type Answer = Partial<Omit<ServerReflectionResponse, "validHost" | "originalRequest">>;

const answerOf = (request: ServerReflectionRequest, services: readonly string[], index: Index): Answer => {
  if (request.listServices !== undefined) {
    return { listServicesResponse: { service: services.map((name) => ({ name })) } };
  }
  if (request.fileByFilename !== undefined) return described(index.files.get(request.fileByFilename));
  if (request.fileContainingSymbol !== undefined) return described(index.symbols.get(request.fileContainingSymbol));
  if (request.fileContainingExtension !== undefined) {
    const { containingType, extensionNumber } = request.fileContainingExtension;
    return described(
      index.extensions.find(
        (extension) => extension.extendee.typeName === containingType && extension.number === extensionNumber,
      )?.file,
    );
  }
  if (request.allExtensionNumbersOfType !== undefined) {
    const baseTypeName = request.allExtensionNumbersOfType;
    const extensionNumber = index.extensions
      .filter((extension) => extension.extendee.typeName === baseTypeName)
      .map((extension) => extension.number);
    return { allExtensionNumbersResponse: { baseTypeName, extensionNumber } };
  }
  return { errorResponse: { errorCode: codes.INVALID_ARGUMENT, errorMessage: "nothing was asked" } };
};

/** A file goes with all that it imports, so that one answer is enough. */
const described = (file: DescFile | undefined): Answer => {
  if (file === undefined) return { errorResponse: { errorCode: codes.NOT_FOUND, errorMessage: "not described here" } };
  const fileDescriptorResponse: FileDescriptorResponse = {
    fileDescriptorProto: [...withImports([file])].map(({ proto }) =>
      Buffer.from(toBinary(FileDescriptorProtoSchema, proto)),
    ),
  };
  return { fileDescriptorResponse };
};

const withImports = (files: readonly DescFile[], seen: Set<DescFile> = new Set()): Set<DescFile> => {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    withImports(file.dependencies, seen);
  }
  return seen;
};

const indexOf = (services: readonly string[], registry: FileRegistry): Index => {
  const own = services.flatMap((name) => registry.getService(name)?.file ?? []);
  const files = [...withImports([...own, ...ERROR_DETAILS.flatMap((name) => registry.getFile(name) ?? [])])];
  const types = files.flatMap((file) => [...nestedTypes(file)]);
  return {
    files: new Map(files.map((file) => [file.proto.name, file])),
    symbols: new Map(types.flatMap((type) => symbolsOf(type).map((symbol) => [symbol, type.file] as const))),
    extensions: types.filter((type) => type.kind === "extension"),
  };
};

type Described = ReturnType<typeof nestedTypes> extends Iterable<infer Type> ? Type : never;

/** A type's full name, and those of its members. */
const symbolsOf = (type: Described): string[] => {
  switch (type.kind) {
    case "message":
      return [type.typeName, ...type.fields.map(({ name }) => `${type.typeName}.${name}`)];
    case "service":
      return [type.typeName, ...type.methods.map(({ name }) => `${type.typeName}.${name}`)];
    case "enum":
    case "extension":
      return [type.typeName];
  }
};

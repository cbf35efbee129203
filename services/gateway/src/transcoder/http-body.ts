import { HttpAnswer } from "@keynode/contracts/crm/chassis/v1/http_answer";
import { HttpBody } from "@keynode/contracts/google/api/httpbody";

/** A google.api.HttpBody as HTTP says it. */
export type RawAnswer = {
  readonly type: string;
  readonly body: Buffer;
  readonly status: number;
  /** A path of ours; undefined for none. */
  readonly location: string | undefined;
  /** What the ETag quotes; undefined for none. */
  readonly version: string | undefined;
};

const HTTP_ANSWER = "type.googleapis.com/crm.chassis.v1.HttpAnswer";

/** What a service may say of its answer beside type and bytes. */
const STATUSES: ReadonlySet<number> = new Set([200, 201, 202, 204]);
/** What a header field may hold, so that no answer can start a header of its own. */
const HEADER_TEXT = /^[\x20-\x7e]{1,255}$/;
/** A path of our own, never another site's. */
const PATH = /^\/(?!\/)[!-~]{1,2000}$/;

/** Reads the message, or the field of it, that the route answers as it is. */
export const rawAnswerOf = (message: Buffer): RawAnswer => {
  const { contentType, data, extensions } = HttpBody.decode(message);
  const extension = extensions.find(({ typeUrl }) => typeUrl === HTTP_ANSWER);
  const { status, location, etag } = HttpAnswer.decode(extension?.value ?? EMPTY);
  return {
    type: HEADER_TEXT.test(contentType) ? contentType : "application/octet-stream",
    body: data,
    status: STATUSES.has(status) ? status : 200,
    location: PATH.test(location) ? location : undefined,
    version: etag === "" ? undefined : etag,
  };
};

const EMPTY = Buffer.alloc(0);

import { masking, pageOf } from "@keynode/api/read";
import { maySee } from "@keynode/auth/visibility";
import { Cover } from "@keynode/contracts/crm/service/v1/cover";
import type { CoverServiceService } from "@keynode/contracts/crm/service/v1/cover_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Handlers } from "@keynode/grpc/implement";
import type { Kept } from "@keynode/messaging/table";
import type { CoverCopy, CoverRow } from "../projections/cover.ts";
import { coverListing } from "./list.ts";

const masked = masking({ typeName: "crm.service.v1.Cover", fromPartial: Cover.fromPartial });

/** One entry per rpc of CoverService. */
export const coverApi = (copy: CoverCopy): Handlers<typeof CoverServiceService> => ({
  getCover: async ({ id, readMask }, { tenant, visibility, locale }) => {
    const show = masked(readMask, locale);
    if (isDomainError(show)) return show;
    const row = await copy.tables().covers.findOne({ _id: id, tenant });
    const cover = row === null ? undefined : shown(row);
    return cover !== undefined && maySee(visibility, cover) ? show(cover) : reject("NOT_FOUND", { id });
  },
  listCovers: async (request, call) => {
    const show = masked(request.readMask, call.locale);
    if (isDomainError(show)) return show;
    const page = await pageOf(copy.tables().covers, coverListing, request, call);
    if (isDomainError(page)) return page;
    return { covers: page.documents.map((row) => show(shown(row))), nextPageToken: page.nextPageToken };
  },
});

const shown = ({
  _id,
  tenant: _tenant,
  version,
  fromOn: _fromOn,
  untilOn: _untilOn,
  ...cover
}: Kept<CoverRow>): Cover => ({
  ...cover,
  id: _id,
  etag: String(version),
});

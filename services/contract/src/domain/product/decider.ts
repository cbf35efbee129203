import { type Clock, type CrudCommand, type CrudEvent, crudDecider } from "@keynode/decider/crud";
import { refuseNegative } from "../amounts.ts";
import type { ProductState } from "./state.ts";

export type ProductCommand = CrudCommand<"Product", "product", ProductState>;
export type ProductEvent = CrudEvent<"Product", "product", ProductState>;

/** Errors: INVALID_REQUEST for a price below zero. */
export const productDecider = crudDecider<"Product", "product", ProductState, Clock>(
  "Product",
  "product",
  ({ listPrice }) => refuseNegative({ "product.list_price": listPrice }),
);

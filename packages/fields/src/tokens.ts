/** The orders that a collection has for sortable fields; each belongs to one field at a time. */
export const sortSlots = [1, 2, 3, 4, 5, 6, 7, 8] as const;

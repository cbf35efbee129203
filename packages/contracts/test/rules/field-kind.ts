import { type DescField, ScalarType } from "@bufbuild/protobuf";

export const isText = ({ scalar }: DescField): boolean => scalar === ScalarType.STRING || scalar === ScalarType.BYTES;

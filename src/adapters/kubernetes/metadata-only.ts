const as = (kind: string): string => `application/json;as=${kind};v=v1;g=meta.k8s.io`;

/** What to accept so that nothing below `metadata` leaves the server: no byte of a Secret. */
export const metadataOnly = { ofObject: as('PartialObjectMetadata'), ofList: as('PartialObjectMetadataList') } as const;

/** Whose connection it is, proven by the certificate and checked against the store. */
export type SessionIdentity = { readonly nodeId: string; readonly nodeName: string; readonly serial: string };

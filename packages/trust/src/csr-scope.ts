import { commonNameOf } from './names.ts';
import { TrustError, quoted } from './trust-error.ts';
import { SubjectAlternativeNameExtension, type Extension, type JsonGeneralName, type Pkcs10CertificateRequest } from './x509.ts';

const extensionRequestOid = '1.2.840.113549.1.9.14';

/** Names for what people put into requests by mistake; anything else is told by its number. */
const knownExtensions: ReadonlyMap<string, string> = new Map([
  ['2.5.29.15', 'a key usage'],
  ['2.5.29.19', 'basic constraints (being an authority)'],
  ['2.5.29.30', 'name constraints'],
  ['2.5.29.37', 'an extended key usage'],
]);

const knownNameKinds: Readonly<Record<JsonGeneralName['type'], string>> = {
  dns: 'the DNS name',
  dn: 'the directory name',
  email: 'the e-mail address',
  guid: 'the GUID',
  id: 'the registered id',
  ip: 'the IP address',
  upn: 'the user principal name',
  url: 'the URI',
};

function subjectExcess(request: Pkcs10CertificateRequest, name: string): string | undefined {
  const parts = request.subjectName
    .toJSON()
    .flatMap((part) => Object.entries(part).flatMap(([type, values]) => values.map((value) => ({ type, value }))));
  const [only, ...others] = parts;
  if (only === undefined) return 'no name at all';
  const stranger = [only, ...others].find((part) => part.type !== 'CN' || part.value !== commonNameOf(name));
  if (stranger !== undefined) return `the subject ${quoted(`${stranger.type}=${stranger.value}`)}`;
  return others.length === 0 ? undefined : 'its common name twice';
}

function extensionExcess(extension: Extension, name: string): string | undefined {
  if (!(extension instanceof SubjectAlternativeNameExtension))
    return knownExtensions.get(extension.type) ?? `the extension ${quoted(extension.type)}`;
  const stranger = extension.names.toJSON().find((one) => one.type !== 'dns' || one.value !== name);
  if (stranger !== undefined) return `${knownNameKinds[stranger.type]} ${quoted(stranger.value)}`;
  // The library leaves out the kinds of names it does not know; the bytes do not.
  const expected = new SubjectAlternativeNameExtension([{ type: 'dns', value: name }]);
  return Buffer.from(expected.value).equals(Buffer.from(extension.value)) ? undefined : 'alternative names other than its one DNS name';
}

function attributeExcess(request: Pkcs10CertificateRequest): string | undefined {
  const stranger = request.attributes.find((attribute) => attribute.type !== extensionRequestOid);
  if (stranger !== undefined) return `the attribute ${quoted(stranger.type)}`;
  const values = request.attributes.flatMap((attribute) => attribute.values);
  return values.length > 1 ? 'extensions in more than one list' : undefined;
}

function firstExcess(request: Pkcs10CertificateRequest, name: string): string | undefined {
  const earlier = subjectExcess(request, name) ?? attributeExcess(request);
  if (earlier !== undefined) return earlier;
  const sans = request.extensions.filter((extension) => extension instanceof SubjectAlternativeNameExtension);
  if (sans.length > 1) return 'alternative names in more than one list';
  return request.extensions.map((extension) => extensionExcess(extension, name)).find((excess) => excess !== undefined);
}

/**
 * Refuses a request that asks for anything but a certificate in this one name: everything else in the certificate is for the server
 * to say, and a request that asks for more is a mistake or an attempt. The names may be left out of the extensions.
 * @throws TrustError `csr-asks-too-much`, `csr-malformed`
 */
export function requireOnlyName(request: Pkcs10CertificateRequest, name: string): void {
  let excess: string | undefined;
  try {
    excess = firstExcess(request, name);
  } catch (error) {
    const advice = 'Ask for nothing but the node’s name, as muster-agent does.';
    throw new TrustError({
      code: 'csr-malformed',
      what: `what the certificate request for ${name} asks for cannot be read`,
      advice,
      cause: error,
    });
  }
  if (excess === undefined) return;
  throw new TrustError({
    code: 'csr-asks-too-much',
    what: `the certificate request for ${name} asks for ${excess}`,
    advice: `It may ask for the name ${quoted(name)} and nothing else: addresses, uses and the node’s id come from the server.`,
  });
}

import { ProvisionError } from '../provision-error.ts';

/** As the specification of registries has it: parts of small letters and digits, and a tag. */
const imageName = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*:\w[\w.-]{0,127}$/u;

/**
 * What an image is called in the registry: its name without the registry it came from, as a client asks a mirror for it
 * (`docker.io/library/redis:7` and `redis:7` are `library/redis:7`). Pure. @throws ProvisionError for a name that is none
 */
export function nameInRegistry(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/u.test(first) || first === 'localhost');
  const path = isHost ? rest.join('/') : image;
  const isOfDocker = !isHost || /^(?:index\.)?docker\.io$/u.test(first);
  const name = isOfDocker && !path.includes('/') ? `library/${path}` : path;
  if (imageName.test(name)) return name;
  throw new ProvisionError(`"${image.slice(0, 200)}" is no name of an image with a tag.`);
}

/** An image of an archive, and what it will be called. */
export type WantedImage = { readonly archive: string; readonly sha256: string; readonly image: string; readonly name: string };

/** Two images of one name would take turns. @throws ProvisionError that names both */
export function requireOneEach(images: readonly WantedImage[]): void {
  const seen = new Map<string, WantedImage>();
  for (const one of images) {
    const other = seen.get(one.name);
    if (other !== undefined && other.sha256 !== one.sha256)
      throw new ProvisionError(
        `${other.image} of ${other.archive} and ${one.image} of ${one.archive} are both ${one.name} in the registry. Leave one of them out.`,
      );
    seen.set(one.name, one);
  }
}

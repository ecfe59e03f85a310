import { createHash } from 'node:crypto';
import { type InventoryDocument, type InventorySave, type Node, problem, registeredInventory, type SavedInventory } from '@muster/api';
import { type Inventory, nodesInventory } from '@muster/core';
import type { Store } from '@muster/store';
import type { Ways } from './plan-run.ts';
import { readKept, readToKeep } from './read-kept.ts';

/** Beyond the largest fleet. */
const mostNodes = 1_000_000;

type InventoryStore = Pick<Store, 'inventories' | 'nodes' | 'agentControl'>;

/** An inventory as a run takes it: which one, and the server's ways to its hosts. */
export type InventoryToRun = Pick<SavedInventory, 'version' | 'sha256'> & { readonly inventory: Inventory; readonly ways: Ways };

/** The inventories of the server: those that people have saved, and the registered nodes as one. */
export class Inventories {
  readonly #store: InventoryStore;

  constructor(store: InventoryStore) {
    this.#store = store;
  }

  async list(): Promise<SavedInventory[]> {
    const { document: _document, ...registered } = await this.#registered();
    return [registered, ...(await this.#store.inventories.list())];
  }

  /** @throws InventoryNotFound */
  async get(name: string): Promise<InventoryDocument> {
    return name === registeredInventory ? await this.#registered() : await this.#store.inventories.get(name);
  }

  /** @throws ProblemError for a document that cannot be read or holds secrets */
  async save(name: string, { document }: InventorySave, by: string): Promise<SavedInventory> {
    refuseRegistered(name);
    const { hosts } = readToKeep(document);
    return await this.#store.inventories.save({ name, document, sha256: sha256Of(document), hosts: hosts.length, by });
  }

  /** @throws InventoryNotFound */
  async remove(name: string): Promise<void> {
    refuseRegistered(name);
    await this.#store.inventories.remove(name);
  }

  /** @throws InventoryNotFound */
  async toRun(name: string): Promise<InventoryToRun> {
    const { document, version, sha256 } = await this.get(name);
    return { inventory: readKept(document), version, sha256, ways: await this.#ways(await this.#nodes()) };
  }

  async #nodes(): Promise<Node[]> {
    return (await this.#store.nodes.list({ sort: [], filters: [], limit: mostNodes, offset: 0 })).items;
  }

  /** The server goes to the private IP where there is one, as when it restarts an agent. */
  async #ways(nodes: readonly Node[]): Promise<Ways> {
    const privateIps = new Map(nodes.map(({ id, privateIp }) => [id, privateIp]));
    const ways = await this.#store.agentControl.list();
    return new Map(ways.map((way) => [way.nodeName, { ...way, address: privateIps.get(way.nodeId) ?? way.address }]));
  }

  async #registered(): Promise<InventoryDocument> {
    const nodes = await this.#nodes();
    const ways = await this.#ways(nodes);
    // What a run must not take away from itself.
    const document = nodesInventory(nodes, ({ name }) => (ways.get(name)?.full === true ? { muster_control: 'full' } : {}));
    return {
      name: registeredInventory,
      version: null,
      sha256: sha256Of(document),
      hosts: nodes.length,
      savedBy: null,
      savedAt: null,
      document,
    };
  }
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

function refuseRegistered(name: string): void {
  if (name !== registeredInventory) return;
  throw problem(
    'invalid-request',
    `${registeredInventory} is the inventory of the registered nodes, which is always there. Choose another name.`,
  );
}

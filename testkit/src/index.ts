export { reachableFolder, type TestStore, withDatabase, withStore } from './store.ts';

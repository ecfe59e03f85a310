export { FakeClock } from './fake-clock.ts';
export { KeptLog, type KeptLine } from './kept-log.ts';
export { reachableFolder, type TestStore, withDatabase, withStore } from './store.ts';

export { arbitraryOf } from './arbitrary-of.ts';
export { FakeClock } from './fake-clock.ts';
export { KeptLog, type KeptLine } from './kept-log.ts';
export { makeTar, type TarEntry } from './make-tar.ts';
export { makeWheel, type Wheel } from './make-wheel.ts';
export { reachableFolder } from './reachable-folder.ts';
export { runSql, type TestStore, withDatabase, withStore } from './store.ts';
export { type TestDatabase, twoDatabases } from './two-databases.ts';

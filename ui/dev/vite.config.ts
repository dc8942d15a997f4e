import { mergeConfig } from 'vite';
import base from '../vite.config.ts';
import { mockPlugin } from './mock/plugin.ts';

/** The client against the in-memory server of dev/mock; for work on screens without the program. */
export default mergeConfig(base, { plugins: [mockPlugin()], server: { proxy: undefined } });

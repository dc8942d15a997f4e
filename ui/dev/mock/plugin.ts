import type { Connect, Plugin } from 'vite';
import { createMock } from './server.ts';

/** Answers /api from memory, in `vite` and in `vite preview`. */
export function mockPlugin(): Plugin {
  const mock = createMock();
  const use = (server: { middlewares: Connect.Server }) => {
    server.middlewares.use((request, response, next) => {
      if (request.url?.startsWith('/api/')) void mock(request, response);
      else next();
    });
  };
  return { name: 'guantong-mock', configureServer: use, configurePreviewServer: use };
}
